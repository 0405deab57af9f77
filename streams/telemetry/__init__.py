"""What operators watch: metrics, logs and traces.

What is counted is decided where it happens; here it has its name, labels and form.
"""
