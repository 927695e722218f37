"""English words of financial news that are no names, as data. Written by scripts/write_vocabulary.py."""

from typing import Final

VOCABULARY: Final = frozenset(
    str.split("""
    abandon abandoned ability able abortion about above abroad absence absolutely absorb abuses abv academics accelerate
    accelerated accelerating acceleration accelerator accepted access accompany according account accounting
    accumulating accumulation accused accuses accusing achieve achieved achieving acknowledged acquire acquired
    acquisition across act acting action active activist activities activity actually acute ad adapt add added adding
    additional address addressing adjust adjusted adjusting administration administrator adopt adults advance advanced
    advancement advancing advantage advertising advice advised adviser advises advisory advocate aerospace affairs
    affect affected affiliate affirms afford affordability affordable after afterhours afternoon again against age aged
    agencies agency agenda agent aggressive aggressively ago agree agreed agreement agricultural agriculture ah ahead
    aid aide aim aimed air aircraft airline airplanes airport airshow airspace al alarm alcohol alerted alkaline all
    allegations alleged allegedly alleging alleviate alliance allies allow allowed allowing ally almost alone along
    alongside already also alternative aluminum always am amazing ambassador ambitions ambitious amend amended amid
    ammunition among amount amp an analysis analyst analyze and anger angry animal anniversary announce announced
    announcing annual annualized annually another answer anti antibody anticipated anticipates antitrust antiviral any
    anymore anyone anything anywhere apartment apologize apologized app apparel apparent appeal appear appeared appetite
    application applied apply appointed appointments appoints approach appropriate approval approve approved approving
    approx approximately are area aren arm around arrested arresting arrival arrived arrives art article artificial
    artist as ascending aside ask asked asking assassination assault assembly assess assessed assesses assessment asset
    assistance assistant assume at atop attack attacked attempt attempted attempting attention attorneys attract
    attracting attractive auction audit author authorities authority authorization authorized authorizes auto automaker
    autonomous autonomy availability available average averaging avert avg aviation aviator avoid avoided awaited awaits
    awake awarded aware away axe baby back backdrop backed backfire backfired background backing backlog backsliding
    bacteria bad baggage bags bailout balance balanced ballot ban bank banker banking bankrupt bankruptcy banning bar
    barely bargain bargaining barrel base baseball based basic basically basing basis batch battered batteries battery
    battle battleground bay bcf be bear bearish beat beaten beating became because become becoming bedroom been beer
    before began begin beginning begun behind being beleaguered belies believe believed bell belongings below belt
    benchmark benefit best bet better betting between beverage beyond bid bidders big bigger biggest bikes bilateral
    bill billion billionaire bin binding bioscience biotech bipartisan bird birth bit bitcoin bite biz blackouts blame
    blank blistering bln bloc block blockade blockbuster blockchain blocked blocking blog blood blow blunt bn board
    boasts boat body bold bolster bolstering bond bondholders book boom booming boost boosted booster boosting border
    born borrow borrowing boss bot botched both bottlenecks bottom bought bounce bouncing bound box boy boycott bp brace
    braced bracing brain brakes brand breach breaching break breakdown breakfast breaking breakout breakthrough breakup
    breast bridges brief bright bring bringing brink broad broadband broadcaster broaden broader broke broken broker
    brokerage brothers brought brutal buckle budge budget build builder building built bull bullish bump bunch burden
    burn bus busiest business businesses busy but buy buyback buyer buying buyout by cabinet calculate calendar called
    calling calls calm came camera campaign campus can cancel canceled canceling cancer candidate candle cannabis cannot
    cap capability capable capacity capitalists capitalization capitulation capture captured car carbon card care career
    careful cargo carmaker carnage carrier carry carrying case cash casino cast casualty catalyst catastrophe catch
    category caught cause caused causing caution cautioned cautious cautiously cease celebrate celebrated celebration
    celebrity cell center central cents century certain certainly chain chair chairman challenge challenging chamber
    champion chance chancellor change changed changing channel chaos chaotic charge charged chargers charging charity
    chart chasing chat chatter cheap cheaper check chemical chicken chief child childhood children chip chipmaker
    chocolate choice choose choosing choppy chosen chunk church circle cited cites cities citing citizens city civil
    claim claimed claiming clan clarify clash clean cleaning clear cleared clearing clearly client climate climb climbed
    clinic clinical close closed closely closer closing clothing cloud club co coal coalition coast coastal cobalt code
    coffee coin collaborate collaboration collapse collapsed collateral collective college color columnist combat
    combination combined combo come comeback coming command commences comments commercial commissioner commit commitment
    committed committee committing commodities commodity common communication communities community commuters companies
    company compared compelling compensation compete competing competition competitive competitiveness competitor
    complaint complete completed completely complex compliance complicated comply components compound compression
    compromise comps computer computing concern concerned concessions condition conduct conducted confidence confident
    confirm confirmation confirmed conflict confronting conglomerate congressional connect connected connection cons
    consecutive consensus consequences conservatives consider considerably considered considering consistently
    consolidate consolidation consortium conspiracy constellation construction constructive consult consultant
    consulting consume consumer consumption contacts contain contained container contempt contender content contest
    continent continuation continue continued continuing contract contracted contraction contribute control controlled
    controlling controversial controversy conversion converted convertible convicted convince convinced cooking cool
    cooling cooperate cooperation cope copper corn corners coronavirus corporate corporations correlation corruption
    cosmetic cost costly cotton could couldn council counsel counter counterpart counties counting countries country
    counts couple course court cover coverage covered covering cow crackdown crash crashed crashes crazy cream create
    created creating creation credit creditor crew crime criminal crises crisis critical critics crop cross crossover
    crowd crown crucial crude cruise crumbling crunch crush crushes crypto cryptocurrencies cryptocurrency cum cup
    curated curb curbing currencies currency current currently curve cushions cusp custom customer cut cutoff cutting
    cyber cybersecurity cycle daily dairy damage dampened danger dangerous darken darkening darn dashboard data database
    date dated day daytrade de dead deadline deadlock deadly deal dealer dealing dealmaking death debate debating debit
    debt debut decade decent decide decided decision declaration declare declared decline declined declining decrease
    decreased dedicated deep deepen deepening deeply default defeat defect defence defend defended defense defensive
    deficit definitive defuse defying degrees delay delayed deliver delivered deliveries delivering delivery demand
    demanding demonstrate demonstrating dent depart departure dependence depending depicts deploy deployment deposit
    depositors depreciation depression deputy derail desc descending described desert design designed designer desire
    desk despite destination destroy destroyed detail detailed detected detection deteriorating determine determined
    devalues develop developed developer developing development device devil diabetes diapers did didn die died diesel
    diet different difficult difficulties digit digital dilemma dip diplomacy diplomatic direct direction director
    disabilities disappointing disasters disbursement disclosed discloses disclosure discount discounting discovered
    discretionary discuss discussed discusses discussion disease disgruntled dismal dismiss disorder disorderly
    disposable dispute disrupt disruption distribution distributor district ditch div diversity dividend division do
    doctor documentary documents does doesn dogs doing dollar domestic dominance don donating done donors dont doom dose
    double doubled doubling doubt dovish down downgrade downgraded downside downtown downtrend downturn dozen draft drag
    drama dramatic draws dream drillers drilling drink drinking drive driven driver driving drone drop dropped dropping
    drought drug dry drying dual dubbed due during duties duty dynamics each earlier earliest early earn earned earning
    ease eased easier easily easing eastern easy ebbing ecommerce economic economies economist economy ecosystem edge
    edged edging edition effect effective effectively effectiveness efficacy efficient effort eight eighth either elect
    elected election electoral electric electricity electrified electronic elevated eligible eliminate eliminated else
    ema email embarrassment embattled embrace embracing emerge emerged emergency emerging emission emotions empire
    employee employers employment enable enabled encourage encouraging end ended ending enduring energy enforce
    enforcement enforcing engage engagement engine enhance enhancements enjoy enough enrollment ensure enter entered
    entire entirely entrenched entry environment environmental envoy equal equilibrium equipment equities equity
    equivalent era erasing eroding escalating especially essential est estate estimate estimated etc ether eur euro
    eurozone evaluate evaluating even evening event eventually ever every everybody everyday everyone everything
    evidence ex exacerbated exacerbating exactly example exceed exceptional excess excessive exchange exclusive exec
    execution executive existential existing exit exiting exodus exp expand expanded expanding expansion expect
    expectation expected expecting expedite expedited expenses expensive experience experienced experiencing expert
    expiration explain explore exploring explosive export exporter exporting exposure extend extended extending
    extension extensive external extra extreme extremely eye fabrication face faced facilities facility facing factories
    factors factory fail failed failing failure fair fairly faith fake fall fallen falling fallout familiar families
    family famous fan far fares farm farmers fashion fast faster fastest father favor favorite favourite fear feared
    fearful feasible feature featuring federal fee feeding feeds feel feeling feet fell fertilizer few fewer fiat fib
    fiction field fierce fifth fight fighting figure file filed filing fill filled film final finally finance financial
    financiers financing find finding fine fined finish finished fintech fire fired firefighters firm first fiscal fist
    five fix fixed flag flagged flagging flagship flash flashes flashing flat flation fled fledged flee fleeing fleet
    flexibility flexible flight float floating flood flow flu fly flying focus focused focuses focusing follow followed
    followers following food fool foot football footprint for force forced forcing forecast foreign forever forge forget
    formal formally formation formed former forming forms formula fortune forum forward fossil found foundation founded
    founder founding four fractious fragmentation frame framework franchise fraud free freedom freeze freezing freighter
    fresh friend friendly from front frontier froze frozen fuel fueled fueling fulfill full fully fun fund fundamental
    funding fundraising funeral furniture further fusion future futuristic gain gained gainers gaining galaxies galaxy
    gallon gamble game gaming gap gappers gas gasoline gathering gathers gauge gave gear geared gen gender gene generate
    generated generating generation generic genetic genuine geo geography geopolitical get getting giant gig girl give
    given giving glass global globally gloom go goal god goes going gold golden golf gone gonna good goodness got
    governance governing government governor grade gradually grail grain grand granted grants grapple grappling gray
    great greater greedy green greenest grew grid grim grip grocery gross ground grounded groups grove grow growers
    growing grown growth gt guests guidance guide guilty gun guy habits had hailing half halt halted hammer hand handful
    handle handling hang hanging happen happened happening harami hard harder hardware has hasn hat haul have haven
    having hawkish he head headache headed heading headline headquarters headwinds health healthy hear heard hearing
    heart heat heated heating heatwave heavily heavy hedge hefty heightened held help helped helping her heralded here
    hidden hide hiding high higher highest highlighted highlighting highlights highly highways hike hiking him hire
    hired hiring his historic historical historically history hit hitters hitting hold holders holding hole holiday home
    homebuyers homeowners honest honey honeybee honor hope hopeful hoping horizon horsepower hospital hospitality
    hosting hosts hot hotel hotter hottest hour hourly household housing how however hryvnia hub huge human humanity
    hundreds hunting hurdles hurt hydrogen hype hypersonic ice idea identify identity if ignore illegal illegally im
    image imho immediate immediately immigration imminent immune imo impact impacted implement implementation
    implemented implications import importance important imported impose imposed improve improved improvement improving
    in incentives inch incident include included including income incomplete increase increased increasing increasingly
    indebted indeed independence independent index indexes indicates indicating indication indicators indices indigenous
    indirect individual induced industrial industry inequality infant infection infectious inflation inflationary
    inflicted inflows influence influential influenza info information infrastructure infringement inherited inhibitor
    initial initiated initiates initiatives injects inks inland inmate innovation input inquiry inroads inside insider
    insight insists inspired instability instead institutions instrument insurance insurer intact integrate integration
    intelligence intended intends intense intensifying intent intention interactive interest interested interesting
    interface interim internal international internet intervention interview into intraday intrinsic introduce inv
    invaded invalid invasion inventories inventory inverse inversion inverted invest investigate investigating
    investigation investigational investigators investing investment investor invitation invites involved iron is island
    isn issuance issue issued issuer it item itself jack jet job jobless join joined joining joint journalist journey
    judge judgment jumbo jump jumped jumping junior jury just keep keeping kept key keynote kick kicked kicking kids
    killed killing kind kingdom kitchen knight knocked know knowledge known la label labor labour lack ladder lady lag
    lagging lake land landed landing landmark lanes lap laptop large largely larger largest last late lately later
    latest launch launched launching laundering law lawmaker lawsuit lawyer laying layoffs lays lead leader leadership
    leading league leak learn learned learning lease leasing least leave leaving led left leg legacy legal legislation
    legislative leisure lender lending less lesson let letter letting level leverage leveraged levy liabilities
    liability license licensing lie lied lien life lifestyle lifetime lift lifted lifting light lightning like liked
    likelihood likely limit limited limiting line lingering lining link linked liquefied liquid liquidators liquidity
    list listed listing liter lithium little live living ll load loaded loan lobby lobbying local location lockdown
    locked locking logic logjams lol long longer longest look looked looking looming looms lord lose losers losing loss
    losses lost lot love low lower lowered lowering lowest lumber lung luxury ma machines macro macroeconomic made
    magnitude mail main mainland mainly maintain maintenance majeure major majority make maker making man manage managed
    management manager mandate manipulated manufacture manufacturer manufacturing many map margin marijuana marked
    market marketing marketplace marking marriages married mass massive match material matter maturities maturity
    maximum may maybe mayor me mean meaning meant meanwhile measure measured measurement media median medical medicine
    medium meet meeting mega megaproject meltdown member meme memo memorandum memory men mend mental merchant merge
    merger mess message messaging messy met metal metaverse meters methane methods metrics metro mid midday middle
    midterm might migration mild miles milestone military milk million mills min mind mindful mine miner mineral mini
    minimum mining minister minor minority minute miss missed misses missile missing mission mitigate mix mixed mkt ml
    mln mn mo mobile mobility mocked mode model modeling moderate modern modernize modest modestly modular molecule
    moment momentum monetary money monitor monitoring monkeypox monster month monthly mood moon more morning mortgage
    most mostly motion motor mount mounting move moved movement mover movie moving mtg much multi multimillion multiple
    multitasking murder muscle music must mutual my nabs name named narrow narrowly nation national nationalisation
    nationwide native natural navigate navigating nd near nearing nearly necessary neck need needed negative negotiate
    negotiating negotiations negotiators net network networking neutral never new newest newly newsletter newspaper next
    nflx nice nicely nickel night nine no nobody nod nominated nominations nominee none nonprofit normal northern not
    notable note nothing novel now nuclear nudge number obesity obligations obscure observation obstacles occupied ocean
    odds of off offer offered offering office officers official officially offline offset offshore often oil old older
    oldest omicron on once one ongoing online only onshore onto open opened opening operate operating operation
    operational operator opinion opioid opportunities opportunity opposite opposition optimism optimistic optimize
    option or oral order ordered ordering orderly ore organ organic organization oriented original orphan osc other
    otherwise our out outage outbreak outcome outdoors outfit outflow outgoing outlined outlines outlook outpacing
    outperform outperforming output outside outsource outstanding over overall overbought overcome overdraft overhaul
    overhead overnight overseas oversee oversight oversold overtake overturn overvalued own owned owner ownership oxide
    pace pack package packaging pact paid pain painful paint pair palace palm pandemic panel panic paper parade pare
    pared parent parity parks parliament part participants participation particularly parties partly partner partnering
    partnership party pass passage passed passenger passing passive passports password past patent path patience
    patients pattern pause paused pausing pay payday paying payment payouts payrolls peak peaked peaking peer penalties
    penalty pending penny pension people per percent percentage perfect performance performing performs perhaps period
    perks permanent permits persist persistent person personal persuade peso pest pet pharmaceutical phase phone
    physical pick picked pickup picture piece pile piling pill pilot pioneer pipeline pitch pivot pivotal pizza place
    placed placement plagued plan plane planet planned planning plant plastic platform play played player playing plc
    pleased pledge pledged pledging plug plummeted plummets plunge plunged plunging plus pocket podcast point pointed
    pointing poised police policies policy policymakers political politician politics poll polled pollution pool poor
    poorest pop popular popularity population populist populous pork port portfolio portion pose posed posing position
    positioned positioning positive possibility possible possibly post posted posting postmarket pot potential
    potentially pounds poverty power powered powerful powerhouse practice pragmatism pre precious preclinical predicted
    prediction predictive predicts prelim preliminary premarket premium prepare prepared preparing prescription presence
    present presented preserve president presidential press pressure prestigious pretty prev prevent preventing previews
    previous previously price priced pricing primarily primary prime prince print prior prioritize priority prison
    private prize probability probably probe problem procedural procedure proceed proceedings process processes
    processing procurement produce produced producer product production productivity professional professor profile
    profit profitability profitable program progress progressive project projected projections prolonged prominent
    promise promising promoted promotes prompting prop propel property proposal propose proposed proposing prosecutor
    prospect protect protected protecting protection protest protesters protesting protocol prototypes proud prove
    proven provide provided provider providing province provision provisionally proxy prudent publ public publication
    publicly publish published pull pullback pulled pulling pump pumping purchase purchased purpose pursue pursuit push
    pushed pushes pushing put putting quality quantum quarter quarterly question questioning quick quickly quietly quit
    quite quotes race radar raging rail railroad raise raised raising rallied rallies rally rallying ramp ramping ran
    range ranking ranks rapid rapidly rare ratcheting rate rated rather rating ration rationing ravaged ravages raw rd
    re reach reached reaches reaching react reacting reaction reactors reading ready reaffirms real reality really
    reason reasonable rebound recall receive received receiving recent recently recession recipients reckon recognition
    recognize recommendation recommends reconsider record recorded recover recovering recovery recycling red redeem
    redefines redrawn reduce reduced reducing reduction refinancing refinery refining reflect reflecting reform refuge
    refuse refused refusing regains regard regarding region regional registered registration regular regulate regulated
    regulation regulator rein reined reinstating reinvestment reiterates reject rejected rejoin related relations
    relationship relative relatively relax released releases relentless reliable relief relocate rely remain remained
    remaining remarks rematch reminder remote removed renewable renewed rent rental reopen reopening reorganization
    repair repay repeal repeat replace replaced replacement report reported reportedly reporters reporting
    representatives representing represents repurchase reputation request require required requirement rescue research
    researchers reserves reset reshape residential residents resign resignation resigned resilience resilient resistance
    resistant resisting resolve resort respect respectively respite responded responding responds response
    responsibility responsible rest restart restarted restaurant restore restrict restrictions restructuring result
    resume resumed resuming retail retailer retain retaliate rethink retire retirement retreat return returned returning
    rev reveal revealed revenue reverberate reversal reverse reversed review reviewed revised revises revival revive
    revived revolution revolutionize reward rice rich richest ride rife right rio riot ripe rise risen rising risk
    risking risky rival river road robotic robots robust rock rocked rocket role roll rolled rolling room rose roster
    rough roughly round roundup rout route row royal rule ruled ruling run running runway rupee rural rush rushing safe
    safeguard safer safety saga said sail salaries sale salt salvage same sample sanctioned sanctions sand satellite
    save saving saw say saying scale scam scandal scanning scans scare scenario schedule scheduled scheme school science
    scientists scorching score scramble scrambling screen scrutiny seafood seamless search searching searing season
    seasonal seasonally seats second secondary secret secretary secretly sector secure secured securing securities
    security sedan see seeing seek seekers seeking seem seen segment seized seizure select selected selection self sell
    seller selling selloff semi semiconductor senators send sending senior sense sensitive sensors sent sentiment
    separate series serious seriously serve service servicing serving session set setback setting settle settlement
    setup seven seventh several severe sex sexual sh shake shaken shakeup shaking shape share shared shareholder sharing
    sharp sharpest sharply she sheet shelf shelling shelter shift shifting ship shipments shipping shipyard shldr shock
    shocked shoot shooting shop shoppers shopping shore shoring short shortage shortfall shot should shouldn show
    showcase showcasing showed showing shown shrank shrink shrinking shut shutdown shuttering shy side sidelines
    sideways sight sign signal signaled signaling signature signed significant significantly silver similar simple
    simplify simply since singing single sink sinking sit site sitting situation six sixth size ski skies skyrocketed
    skyrocketing slain slammed slams slash slashed slashes slashing slid slide sliding slight slightly slip slipped slow
    slowdown slowed slower slowest slowing slump sma small smaller smallest smart smartphone snacks snap snapshot snarls
    so soar soared soaring social soft softening softer software solar sold soldiers sole solely solid some someone
    something son songs soon sooner sought sound sour source southern sovereign soybean space spam sparked sparking
    sparks spat speak speaker speaking special specifically speculation speculative speech speed speeding spell spend
    spending spent spike spin spine spiraling split spoke spokesman sponsored sport spot spotlight spread spreading
    spree spring spur spurred square squeeze squeezed squeezing st stability stable stablecoins staff stage stagflation
    stake stalled stalls stamp stance stand standard standing star start started starting startup state statement
    statewide station statistics status stay stayed steady steaks steal steam steel steelmaker steep steeper steer
    steering stem step stepped stepping stick sticking still stimulus stock stockpiles stoke stolen stood stop storage
    store stories storm stormed story straight strain strategic strategies strategist strategy straws streak streaming
    streamliner strength strengthen strengthened strengthening stress stressed stretch strict strike striking stroke
    strong stronger strongest struck structure struggle struggled struggling stuck student study stumble style sub
    subject submit subpoena subscriber subscription subsidiaries subsidiary subsidies substantial substantially subtype
    succeed success successful successfully successor such sudden sue sued suffered suffering suffers sufficient sugar
    suggest suggested suggesting suit summer summit summoned sun sunglasses sunset super supercharged supermarket
    supervision supplier supplies supply support supported supporters supporting supposed sure surge surged surgery
    surging surpass surplus surprise surprised surprising surprisingly surrounding surveillance survey surveyed survival
    suspended suspends sustain sustainability sustainable sustained swathes sweep sweeping swiftly swim swing switch
    switches symbol symp symptoms syndrome synthetic system table tabs tackle tackling tacos tag take takeaways taken
    takeover taking talent talk talking tame tank tanker tap target targeted targeting tariffs task tax taxes taxi team
    tech technical technology telecom tell telling temperature temporarily temporary tenants tender tens tensions
    tentative tenth term terminate terminating termination terrible territory test tested testified testify testimony
    testing text texting th than thanks that the theft their them theme themselves then theory therapeutic therapy there
    these they thin thing think thinking third this those though thought thousands thread threat threaten threatened
    threatening three threshold through throughout throwing thrown thru tic tick ticker ticket tide tied tier ties tight
    tighten tightened tightening tighter time timeline timetable timing tip tired tl to tobacco toc today together
    tokens told toll tomorrow tone tonight too took tool top topline total tough tour tourism tourist touting toward
    tower toys track tracker tracking traction trade traded trader trading traditional traffic train training trajectory
    transaction transfer transform transformation transit transition transmission transparency transport trap travel
    travelers traveling treasurer treat treatment trend trending trendline trial triangle tried tries trigger triggered
    triggering trillion trim trimmed trip troops trouble troubled troubling truck true truly trusted try trying tumble
    tumbled tumbling turbine turbocharging turbulence turbulent turmoil turn turnaround turned turning tweet twice two
    type typically ugly ultra unable unacceptably unauthorized uncertain uncertainties uncertainty unchanged unclear
    uncovers under underlying undermines underscores underscoring understand underwriting unemployment unexpected
    unexpectedly unexplored unfairly unfinished unionize unions unique unit unity universe universities unknown unleash
    unless unlike unlikely unload unlock unlocking unpopular unprecedented untenable until unusual unveil unveiled up
    upbeat upcoming update updated upgrade upgraded uphill upped upper upside upsized urge urged urgency urgent urging
    usage use used user using usually utilities utility utilization vaccination vaccine valuation value valued van
    variants vast ve vehicle vendor venture verge version vertical very veteran via victims victory video view viewed
    violations violent viral virtual virus visit visitors vista voice volatile volatility volume voluntary von vote
    voted voters voting vowed vows vs vulnerable vying wage wagering wagers wait waited waiting wake walk walking
    walkout wallet want wanted war ward warehouse warming warn warned warning warp warrant wary was wasn waste watch
    watchdog watchers watching water wave way we weak weaken weakened weakening weaker weakest weakness wealth wealthy
    weapon weaponry weather wedge week weekend weekly weigh weighed weighing weight weighted welcome well went were
    western what whatever wheat when where wherever whether which while who whole wholesale wholly whose why wide widely
    widening widens wider widespread wife wild wildfires will willing willingness win wind windfall wine wing winner
    winning winter wiped wireless with withdraw withdrawals within without withstand witness witnesses wk wkly woes
    woman women won word work worked worker workforce working workplace world worldwide worried worries worry worse
    worsen worsening worst worth would wouldn wrapping write written wrong wrongful wrongfully wrote year yearly yen yes
    yest yesterday yet yield you young younger your yourself yr yuan zero zone
    """)
)
