"""The kill switch: its latch on disk, how it is released, how a node answers it, and who watches the node."""
