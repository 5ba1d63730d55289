"""The engine that measures and judges on Apache Spark; nothing here imports pyspark before a session is wanted."""
