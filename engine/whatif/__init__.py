"""What the models of a search answer: predictions under pinned settings and budgets, and which trial to ship."""
