"""Makes intent true: claims work, looks at what is, plans one step, does it, records it."""
