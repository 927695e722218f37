"""What the words of financial sentences do, as data: move something, are moved, deny, or are good or bad in themselves.

Set by judgement of the words, and never fitted to prices. What stands here goes before the lexicon's valences.
"""

from types import MappingProxyType
from typing import Final

_RISING: Final = """
    rise rises rose risen rising grow grows grew grown growing increase increases increased increasing climb climbs
    climbed climbing jump jumps jumped jumping gain gains gained gaining surge surges surged surging soar soars
    soared soaring improve improves improved improving improvement strengthen strengthens strengthened strengthening
    higher exceed exceeds exceeded exceeding double doubles doubled doubling triple tripled expand expands expanded
    expanding boost boosts boosted lift lifts lifted raise raises raised raising hike hikes accelerate accelerates
    accelerated accelerating widen widens widened widening rally rallies rallied rebound rebounds rebounded
    rebounding recover recovers recovered recovering bounce bounces bounced advance advances advanced upturn uptick
    pickup growth enhance enhances enhanced stronger add adds added skyrocket skyrockets skyrocketed edged_up
    went_up go_up goes_up picked_up up_from bounced_back quadrupled swell swells swelled outpace outpaces surpass
    surpasses surpassed extends_gains extend_gains
"""
_FALLING: Final = """
    fall falls fell fallen falling drop drops dropped dropping decrease decreases decreased decreasing decline
    declines declined declining slip slips slipped slipping slump slumps slumped slumping tumble tumbles tumbled
    tumbling sink sinks sank sunk sinking shrink shrinks shrank shrunk shrinking narrow narrows narrowed narrowing
    lower lowers lowered lowering cut cuts cutting reduce reduces reduced reducing reduction slow slows slowed
    slowing slowdown weaken weakens weakened weakening deteriorate deteriorates deteriorated deteriorating
    deterioration slide slides slid sliding dwindle dwindled plunge plunges plunged plunging plummet plummets
    plummeted contracted halve halved diminish diminished ease eases eased dip dips dipped trim trims trimmed slash
    slashes slashed tank tanks tanked downturn edged_down went_down go_down goes_down down_from fewer dived nosedive
    nosedives shed sheds crash crashes crashed weaker slower worsen worsens worsened worsening worse retreat
    retreats retreated ebb ebbing shorten shortened lag lags lagged smaller erode eroded erodes
"""
_GOOD_OBJECTS: Final = """
    profit profits sales revenue revenues revs turnover earnings income ebit ebitda eps margin margins result
    results orders order_intake order_backlog backlog demand share shares stock stocks dividend dividends guidance
    outlook forecast forecasts output production capacity volume volumes cash_flow profitability productivity
    market_share deliveries subscribers customers passengers passenger traffic equity_ratio price_target target
    rating credit_rating jobs staff workforce employees headcount employment gdp economy confidence growth gains
    recovery momentum efficiency assets deposits loans rents bookings exports investment investments interest_income
    retail_sales backlog value competitiveness position liquidity return returns ratio equity futures index
    economic_growth recovery hiring spending yield_curve assets_under_management bitcoin btc ether
    ethereum eth crypto coin token market markets performance sentiment dealmaking ebt pbt operations occupancy
    utilisation utilization
"""
_BAD_OBJECTS: Final = """
    fuel_consumption energy_consumption emissions
    loss losses cost costs expense expenses debt debts unemployment inflation impairment impairments charges vacancy
    absenteeism delinquency delinquencies defaults complaints risk risks provisions tax taxes claims liabilities
    write_downs writedowns writeoffs bankruptcies deficit jobless raw_material_prices fuel_prices oil_prices
    energy_prices input_prices gas_prices prices_of_raw_materials fuel_costs jobless_claims delays shortfall
    non_performing bad_loans volatility tariffs burden churn competition uncertainty delivery_times lead_times cpi
    consumer_prices food_prices arrears bankruptcy tensions pressure concerns fears layoffs outflows liquidations
    unemployment_rate credit_losses loan_losses downtime vacancies
"""
_MOTION_NOUNS: Final = """
    growth gain gains increase rise surge jump rebound recovery improvement rally advance decline decrease drop fall
    slump slowdown reduction slide downturn dip cut
"""
# What may rise or fall without being better or worse for it.
_NEUTRAL_OBJECTS: Final = """
    share_capital shares_outstanding number_of_shares holding holdings stake voting_rights shareholding ownership
    votes rate rates interest_rate interest_rates rate_target sanctions temperature temperatures margin_requirements
"""
# What one gets, and what is good to get.
_GETTING: Final = """
    received receives receive receiving won wins win winning awarded secured secures signed signs signing landed lands
    obtained obtains clinched bags bagged gets got granted inks inked
"""
_GOT: Final = """
    order orders contract contracts deal deals agreement agreements licence license patent patents approval tender
    mandate permit authorisation authorization clearance grant funding financing investment
"""
_LOSSES: Final = """
    net_loss operating_loss pretax_loss quarterly_loss loss_before_tax loss_for_the_period made_a_loss posted_a_loss
"""
_NEGATORS: Final = """
    not no never without nor cannot can't won't doesn't didn't isn't wasn't don't hasn't haven't couldn't neither
    failed fails fail unable no_longer unlikely avoid avoids avoided prevent end_of end_to
"""
_VALENCES: Final = {
    1.0: """
    won wins win awarded awards secures secured upgrade upgraded upgrades beat beats tops topped top_estimates
    outperform outperforms outperformed profitable record_high record_profit record_sales record_quarterly strong
    robust solid healthy favourable favorable positive successful successfully approval approved approves
    tentative_approval undervalued breakthrough milestone bullish buyback buybacks share_repurchase
    above_expectations above_estimates better_than_expected stronger_than_expected ahead_of_expectations
    moves_to_buy swung_to_a_profit swings_to_profit returned_to_profit back_to_normal turn_around
    met_its_primary_endpoint meets_primary_endpoint regains_compliance strong_buy buy_the_dip attractive oversold
    leads_gainers received_an_order receives_order won_an_order new_order wins_order signs_contract
    signed_a_contract selected_by chosen_by chosen_as synergies premium create_jobs bargain cheap upside best
    record_month fda_approval double_digit new_highs all_time_high buying_opportunity market_beating top_pick
    room_to_run top_expectations above_analysts_expectations loss_scare_over dismissed_the_lawsuit strike_has_ended
    stocks_to_buy stock_to_buy growth_stock right_direction exceptional upped_to_buy fda_nod speculative_buy
    breaks_out ripping day_high blockbuster dominates spike_in_orders buy_rating raised_to_buy initiated_at_buy
    golden_cross beating
    """,
    0.6: """
    agreement_with partnership partners partnered partnering cooperation collaboration extends_partnership
    signed_an_agreement signs_agreement contract_from contract_with order_from order_for contract_for
    long_term_contract framework_agreement expands_into extends_contract joins_forces launched launches launch
    new_products opportunity opportunities attractive_price enables modernise modernize efficient benefit benefits
    benefited on_track good great leading_position competitive thanks_to support supports supported hopes optimistic
    confident boasts boost_portfolio pleased satisfied advantage advantages hire hires jobs_created synergy
    closes_acquisition completes_acquisition cost_savings savings saves save stake_increase
    """,
    -1.0: """
    lay_off lays_off laid_off laying_off layoffs redundancies redundant job_cuts terminate terminated terminates
    shut_down shuts_down close_its_plant closure strike halted halts suspended suspends recall recalls delay delays
    delayed postpone postponed cancel cancels cancelled canceled lost loses miss misses missed below_expectations
    below_estimates profit_warning warned warns warning lawsuit lawsuits sues sued fined probe investigation fraud
    bankruptcy bankrupt insolvent insolvency default defaults swung_to_a_loss swings_to_loss failed failure hurt
    hurts weighed weigh weighs burdened hit_by gloomy weak weakness headwinds shortage shortages underweight
    overvalued underperform underperforms class_action law_firm downgrade downgraded downgrades bearish
    pleads_guilty manipulated illegal negative_effect adversely adverse worst disappointing poor bleak crisis
    scrutiny unpaid no_dividend remain_below cut_to_sell cut_to_hold cut_to_neutral sell_rating impairment_loss
    impairment_losses not_worth stop_being death_cross gapping_down red sluggish unprofitable scandal breach
    default_risk strains strain slashed_jobs blow recession short_seller short_position manipulation lost_its fire
    weaker_than_expected worse_than_expected challenging difficult downside antitrust subpoena charged indicted
    accused dispute complaint jumpy abysmal brakes loss_making personnel_reductions personnel_negotiations
    temporary_layoffs codetermination write_down writedown
    """,
    -0.6: """
    concern concerns worries worry fears fear uncertain uncertainty problems problem trouble troubles risk_of
    amid_pressure under_pressure volatile struggles struggling threaten threatens threat slow tough downbeat caution
    cautious overcapacity exposed shortfall scary fear woes reduction_of burden doubts selling_pressure
    """,
}

# Known phrases that say nothing, so that their parts are not read.
_SILENT: Final = """
    as_market_gains as_market_dips than_broader_markets approval_of_the requires_the_approval subject_to_approval
    profit_warning_scare faint_of_heart fair_value play_to_earn smart_contract risk_free price_moves
    what_you_should_know competition_authorities competition_authority loss_of_life energy_drink
"""


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


RISING: Final = _words(_RISING)
FALLING: Final = _words(_FALLING)
GOOD_OBJECTS: Final = _words(_GOOD_OBJECTS)
LOSSES: Final = _words(_LOSSES)
BAD_OBJECTS: Final = _words(_BAD_OBJECTS) | LOSSES
GETTING: Final = _words(_GETTING)
GOT: Final = _words(_GOT)
NEUTRAL_OBJECTS: Final = _words(_NEUTRAL_OBJECTS)
NEGATORS: Final = _words(_NEGATORS)
MOTION_NOUNS: Final = _words(_MOTION_NOUNS)
VALENCES: Final = MappingProxyType(
    {word: value for value, table in _VALENCES.items() for word in table.split()}
    | dict.fromkeys(LOSSES, -0.5)
    | dict.fromkeys(_SILENT.split(), 0.0)
)
