"""Prevention: what works against child sexual abuse, by a published rule, and help before something happens.

Terms: a *programme* is what somebody does; an *edition* is what is known of it at one time. A *study* has *results*,
each about one programme and one outcome. A *claim* is a programme, an outcome, a population and a setting; its *grade*
is computed from results and never set by hand.

Guarantees: harm and no effect are shown first and never hidden. A change is a new row with its author; no edition,
judgement or grade is ever changed. Two curators judge each study. What nobody has checked says so. The pages for people
who worry about their own thoughts store nothing and send nothing.
"""
