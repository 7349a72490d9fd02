"""People who browse pages of films: numeric, calibrated on ratings, to see what a recommender does to them.

In the manner of Agent4Rec (Zhang et al. 2023), with a fitted model of choices and stars in the language model's place.
"""
