"""What an operator mends by hand: clocks that ran ahead, topics made anew, records set aside.

Nothing of it runs by itself, and each is said aloud before by an alert or a worker's last line.
"""
