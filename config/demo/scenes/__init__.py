"""What each app shows in the demo world: a module an app, `play(cast)`, in the order of the installed apps."""
