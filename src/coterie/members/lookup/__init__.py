"""Finding members by what somebody types: a few letters, a surname, the end of a number.

Every member has *tokens*: the spellings of its name (characters, pinyin, initials, parts), of its
numbers and addresses, and its tags. They are personal data, lie in the schema ``members`` and are
erased with the member. A search is a handful of ranges of tokens, each read up to a bound, so it
costs the same with a million members as with a thousand.

Does not promise all matches of something short: whoever types one letter gets the first ones and
hears that there are more.
"""
