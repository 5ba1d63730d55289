"""``report.html``: one page that answers whether this data can be trained on."""
