"""The market data catalog: its layout, the importers that fill it, the readers, and the bundled sample.

Everything is stored in Nautilus's own ``ParquetDataCatalog`` format, one file a UTC day per type. See
``catalog/README.md`` for the conventions.
"""
