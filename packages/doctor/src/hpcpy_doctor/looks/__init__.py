"""How a check looks at something that another one looks at too."""
