"""Whether the loop works: what became of what people were shown, in figures of ten people or more."""
