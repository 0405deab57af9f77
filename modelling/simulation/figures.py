"""How cards are used and left: every figure of the simulator, each with where it is from.

The sources by name and date are in docs/simulator.md. What nobody publishes is marked "assumed". No
figure was set by what Ebbwatch's rules make of it.
"""

from dataclasses import dataclass

YEAR = 365.0  # days
MONTH = YEAR / 12.0  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFigures:
    """Figures of a portfolio of credit cards.

    Rates are means over customers, money is in major units, shares lie in [0, 1].

    Attributes:
        uses_a_month: payments of an active account (UK Finance, January 2024: 347.9 million by
            36.5 million active accounts).
        mean_value: of a payment (UK Finance, January 2024: 20.4 billion by 347.9 million).
        use_shape: of the gamma distribution of rates over customers (assumed).
        recurring: charges a month that repeat by themselves (PYMNTS and FlexPay 2021).
        recurring_value: of one of them (Self Financial: 45.90 a month over 4.2).
        value_spread: log standard deviation of values within a merchant category (assumed).
        scale_spread: log standard deviation of values between customers (assumed).
        by_weekday: uses from Monday to Sunday (order: MPA 2006 on British cards; sizes assumed).
        by_month: spending of January to December (TransUnion on reported card spending).
        payday_lift: of uses on a payday (Pagel and Vardardottir 2016: more than half of the people
            by over a quarter).
        closed_days: share of usual use on Christmas and New Year's Day (assumed).
        remote: share of uses online (Federal Reserve, DCPC 2023).
        declined: share of uses (Ethoca by Soar Payments 2016: 3 to 4% of physical goods).
        declined_in_default: the same from the onset of a default on (assumed).
        cash_share: cash advances by uses (UK Finance, October 2022: 1.675 by 352.271 million).
        cash_value: of a cash advance (UK Finance, October 2022).
        returned_in_store: share of shopping paid back (NRF and Appriss Retail 2023).
        returned_remote: the same online (NRF and Appriss Retail 2023).
        returning: share of customers who return anything; the others never do (assumed).
        travelling: share of customers who travel abroad in a year (Eurostat, STAT/18/4322).
        trips: of such a customer a year (Eurostat 2022: 24.5% of 1.1 billion trips).
        nights: of a trip abroad (Eurostat 2022: 39.7% of 5.4 billion nights over those trips).
        abroad_burst: use abroad of who takes the card along, by the usual (assumed).
        abroad_pause: use of who does not, by the usual; half of the trips (assumed).
        pausing: share of customers whose use pauses over a summer holiday (assumed).
        pause_level: use in such a pause, by the usual (assumed).
        two_cards: share of customers (assumed; MaCorr: three cards, two used, at all banks).
        revolving: share who carry a balance (DCPC 2023: just under half).
        carried: their median balance at the start (DCPC 2023).
        yearly_interest: on what is carried (Federal Reserve G.19, May 2024).
        paying_fee: share with a yearly fee (CFPB 2024: 27% of large issuers' cards).
        yearly_fee: its size (CFPB 2024, smaller issuers).
        late_fee: of an instalment paid late (CFPB 2022).
        missed: share of instalments paid late by who stays (assumed).
        on_app: share of customers with the bank's app (DCPC 2023).
        app_sessions: of them a month (Malauzai 2015).
        app_seconds: mean of a session (Malauzai 2015).
        on_web: share of customers who use the site (assumed).
        web_visits: of them a month (Malauzai 2015).
        web_seconds: mean of a visit (Malauzai 2015).
        calls: a month (assumed).
        chats: a month (assumed).
        complaints: a year (FCA, second half of 2023: 217 032 by 36.5 million active accounts).
        surveys: answers a year (assumed).
        nps: answers a year (assumed).
        survey_scores: shares of 1 to 5 (assumed).
        detractors, passives: shares of NPS answers, which leave a score of 30 (Bain: good from 30
            on; shares assumed).
        opened: share of campaigns' messages (Silverpop 2014).
        converted: share of campaigns' messages (assumed).
        joining: new customers a year by those there (Mercator 2018: bookings make up for 15%).
        switching: customers who take their card use elsewhere, a year (J.D. Power 2012).
        defaulting: customers who stop paying, a year (R.K. Hammer 2013).
        dying: a year (NCHS Data Brief 492: 3.28 million by 333 million).
        kinds: how the switching go: at once, ebbing, dissatisfied, recurring charges first (J.D.
            Power 2012 has fees and service as the cause of a third; the rest assumed).
        closing: share of leavers who close the account (assumed; Bain on hidden defection).
        moved_stay: share of cards moved elsewhere that stay in use for a fraction (assumed).
    """

    uses_a_month: float = 9.5
    mean_value: float = 58.6
    use_shape: float = 1.5
    recurring: float = 2.3
    recurring_value: float = 10.9
    value_spread: float = 0.8
    scale_spread: float = 0.4
    by_weekday: tuple[float, ...] = (0.93, 0.92, 0.97, 1.05, 1.10, 1.18, 0.85)
    by_month: tuple[float, ...] = (
        *(0.988, 0.781, 0.830, 0.912, 0.947, 1.001),
        *(1.014, 1.070, 1.029, 1.001, 1.051, 1.375),
    )
    payday_lift: float = 1.25
    closed_days: float = 0.4
    remote: float = 0.22
    declined: float = 0.035
    declined_in_default: float = 0.3
    cash_share: float = 0.00475
    cash_value: float = 134.0
    returned_in_store: float = 0.1002
    returned_remote: float = 0.176
    returning: float = 0.3
    travelling: float = 0.32
    trips: float = 2.2
    nights: float = 8.0
    abroad_burst: float = 1.5
    abroad_pause: float = 0.1
    pausing: float = 0.2
    pause_level: float = 0.05
    two_cards: float = 0.25
    revolving: float = 0.48
    carried: float = 2_500.0
    yearly_interest: float = 0.215
    paying_fee: float = 0.27
    yearly_fee: float = 94.0
    late_fee: float = 26.0
    missed: float = 0.02
    on_app: float = 0.73
    app_sessions: float = 17.5
    app_seconds: float = 94.0
    on_web: float = 0.25
    web_visits: float = 8.9
    web_seconds: float = 154.0
    calls: float = 0.1
    chats: float = 0.05
    complaints: float = 0.0119
    surveys: float = 0.4
    nps: float = 0.2
    survey_scores: tuple[float, ...] = (0.03, 0.05, 0.17, 0.45, 0.30)
    detractors: float = 0.2
    passives: float = 0.3
    opened: float = 0.224
    converted: float = 0.01
    joining: float = 0.15
    switching: float = 0.096
    defaulting: float = 0.06
    dying: float = 0.0098
    kinds: tuple[float, ...] = (0.2, 0.3, 0.33, 0.17)
    closing: float = 0.3
    moved_stay: float = 0.5

    @property
    def chosen_a_month(self) -> float:
        """Uses a month that somebody decides on, which is all but the recurring charges."""
        return self.uses_a_month - self.recurring

    @property
    def chosen_value(self) -> float:
        """Mean value of such a use, which makes up the mean of all."""
        recurring = self.recurring * self.recurring_value
        return (self.uses_a_month * self.mean_value - recurring) / self.chosen_a_month
