"""Which two titles tell one story, said the plain way: the index of `StoryMemory` must find the same."""

from sagetrade_nautilus.model.text.titles import Title, is_near


def is_same_story(first: Title, second: Title) -> bool:
    same_musts = first.musts == second.musts
    return first.key == second.key or (same_musts and is_near(frozenset(first.words), second.words))
