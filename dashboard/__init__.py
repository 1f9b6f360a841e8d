"""The browser side: pages, charts and the HTTP interface, all in one server process."""
