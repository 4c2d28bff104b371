"""What finished music and single instruments usually measure, fitted from the corpus."""

__all__: list[str] = []
