"""Why a call is refused: facts are probed, pure rules name the causes, and each has its remedy."""
