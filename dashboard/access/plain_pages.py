"""Small HTML pages for what has to be said outside the dashboard; they load nothing."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>{title} \u00b7 bert-frontier</title>
<style>
:root {{ color-scheme: light dark;
  --ink: #1c2430; --paper: #fcfcfb; --edge: #d5dae0; --accent: #1d5fb8; --code: #f0f2f4; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e3e7ec; --paper: #14181e; --edge: #363e49; --accent: #7db2f7; --code: #1f252d; }}
}}
body {{ font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: {width}; margin: 12vh auto 4rem; padding: 0 1.25rem; }}
h1 {{ font-size: 1.5rem; margin: 0 0 .75rem; }} h2 {{ font-size: 1.15rem; margin: 2rem 0 .5rem; }}
a {{ color: var(--accent); }}
code, pre {{ font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--code); }}
code {{ padding: .1em .3em; }} pre {{ padding: .6rem .8rem; overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
  border-bottom: 1px solid var(--edge); }}
input, button {{ font: inherit; padding: .4rem .7rem; border: 1px solid var(--edge); border-radius: 4px;
  color: inherit; background: transparent; }}
input {{ width: min(24rem, 100%); box-sizing: border-box; }}
button {{ background: var(--accent); border-color: var(--accent); color: var(--paper); cursor: pointer; }}
:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; }}
.wrong {{ font-weight: 600; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""

_FORM = """<form method="post" action="/enter">
<input type="hidden" name="next" value="{after}">
<p><label>Access key<br>
<input name="key" type="password" required autofocus autocomplete="current-password"></label></p>
<p><button>Enter</button></p>
</form>
"""


def plain_page(title: str, body: str, *, width: str = "34rem") -> str:
    """A page.

    Args:
        title: plain text.
        body: HTML, with everything from outside escaped.
        width: of its text, in CSS.
    """
    return _PAGE.format(title=escape(title), body=body, width=width)


def notice_page(title: str, message: str) -> str:
    """A page that says one thing."""
    return plain_page(title, f"<p>{escape(message)}</p>")


def key_page(after: str, *, wrong: bool) -> str:
    """A page that asks for the access key.

    Args:
        after: where to go with the right key.
        wrong: whether one was given that is not.
    """
    told = '<p class="wrong">That is not the key of this server.</p>' if wrong else ""
    where = (
        "<p>This server shows its pages to those who have its access key. Whoever started it finds the key in the "
        "terminal, and in the file <code>access-key</code> of its home folder.</p>"
    )
    return plain_page("Access key needed", told + where + _FORM.format(after=escape(after, quote=True)))


def login_page() -> str:
    """A page for those whom a reverse proxy has not let in."""
    return notice_page(
        "Not logged in",
        "This server is for people who have logged in. A link that somebody shared opens without.",
    )
