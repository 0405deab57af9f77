"""Commands of who keeps it running: workers, what is wrong with them, clocks, feeds, backups.

What makes a system ready to run is `setting_up`, what is sent through it `sending`.
"""
