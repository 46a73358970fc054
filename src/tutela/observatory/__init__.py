"""Observatory: figures that are defined, recomputable and comparable, or that are refused with the reason.

Terms: a *definition* is data: what is counted, at which stage, of whom, when, how and by which law. A *figure* is a
value with its definition, period, coverage and vintage. An *operation* on figures is allowed or refused by their
definitions. A *vintage* is what a figure said on a given day. A *return* is a report of figures that a law prescribes.
A *claim* is a sentence of somebody else that has a figure in it.

Guarantees: nothing is added that counts something else, twice, or at another stage. A missing value is a code and never
zero. A published figure names its query, the checkpoint of the chain and a commitment in the public log. Counts of
persons are published only if no cell can be computed from the others.
"""
