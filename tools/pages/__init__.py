"""The pages as a browser has them: drawn for README, and audited.

Here belongs what drives Chromium and opens the pages on the demo's data. How long a page of a large
portfolio takes is measured in `benchmarks`, with the same browser.
"""
