alias ls=x
