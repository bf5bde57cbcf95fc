"""Reports put together: numbers counted, words drafted from them, files made of both."""
