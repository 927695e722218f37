"""The words that questions are understood by, as data.

Each line is a concept with its words, in lower case; a word that ends with ``*`` stands for all that begin with it.
Look-alike letters are folded where they are compared. Arabic words stand without article and attached particles.
"""

from typing import Final

CONCEPTS: Final[dict[str, str]] = {
    "buy": """
        buy buying enter entering entry invest* long purchase* accumulate dca اشتري نشتري بشتري شراء شرا ادخل دخول
        ندخل بدخل ادخول استثمر* نستثمر لونج شرى اشتريه اشتريها
    """,
    "open": "open opening افتح نفتح فتح مفتوح*",
    "sell": """
        sell selling exit exiting short shorting dump* liquidate unload offload close closing ابيع نبيع ببيع بيع اخرج
        نخرج خروج اطلع نطلع طلوع اغلق نغلق اسكر نسكر اقفل نقفل اقفال اغلاق شورت تصفيه اصفي ابيعه ابيعها
    """,
    "bought": """
        bought entered opened اشترينا اشتريت اشترى اشتريتم دخلنا دخلت دخلتم دخلتوا فتحت فتحنا شرينا شريت شرى
    """,
    "sold": """
        sold exited closed shorted بعنا بعت باع بعتم بعتوا خرجنا خرجت طلعنا طلعت اغلقنا اغلقت سكرنا سكرت قفلنا قفلت
        صفينا
    """,
    "you_do": "تشتري تشترى تبيع تبيعي تشتريلي تبيعلي تفتحلي تسكرلي تقفلي اشتريلي بيعلي بعلي",
    "why": "why reason* explain cause justif* لماذا لم ليش ليه لش علاش سبب اسباب اشرح شرح وضح علام لشو",
    "not": """
        not no dont don doesn didnt didn isnt isn arent aren nothing none never without لا ما مو مش مافي ماكو لم غير
        بدون
    """,
    "trade": "trade trades trading order orders deal deals صفقه صفقات تداول* نتداول يتداول تتداول اوامر امر",
    "stopped": """
        stopped halted paused stuck idle inactive frozen disabled blocked متوقف* توقف* واقف* موقوف* معلق* معطل* ساكت
        خامل جامد
    """,
    "failed": "rejected refused denied failed fail rejection رفض مرفوض* انرفض رفضوا فشل فشلت",
    "risk": """
        risk risks risky riskiness exposure exposed danger* safe limit limits drawdown leverage margin خطر خطوره
        مخاطر* اخطار تعرض حدود حد سحب هبوط امان امن رافعه مخاطره
    """,
    "loss": "loss losses losing lose lost خساره خسائر خسرنا خسرت خسران اخسر نخسر",
    "might": "could can might max maximum most worst اقصي ممكن اكبر اسوا",
    "doing": "doing going",
    "result": """
        profit* pnl performance perform* return returns gain gains gained made make earned earning earn result results
        balance equity ربح ارباح* ربحنا ربحت ربحان اداء أدائي أداؤنا أدائك أداءنا نتيجه نتائج حصيله مكسب مكاسب كسبنا
        كسبت رصيد عائد عوائد محصله كسبان
    """,
    "today": "today day daily tonight اليوم يوم يومي* النهارده نهارده الليله يومنا",
    "yesterday": "yesterday امس مبارح امبارح البارحه بارحه",
    "week": "week weekly اسبوع* اسبوعي* الاسبوع",
    "month": "month monthly شهر شهري* الشهر",
    "market": """
        bullish bearish heading headed صاعد هابط صعود رايح
        market markets price prices trend trending regime volatil* happening situation outlook quote worth سوق اسواق
        سعر اسعار اتجاه ترند تقلب* وضع حاله يصير صاير يحصل بيحصل قيمه بكم بكام
    """,
    "news": """
        news headline headlines article* story stories announcement* tweets اخبار خبر عناوين عنوان انباء مستجدات
    """,
    "signal": """
        signal signals indicator* score scores rsi ema zscore macd sentiment analysis analy* confidence اشاره اشارات
        مؤشر* موشر* تحليل* حلل درجه ثقه مشاعر
    """,
    "cost": """
        fee fees cost costs commission* slippage spread spreads expensive رسوم رسم عموله عمولات تكلفه تكاليف كلفه
        انزلاق
    """,
    "position": """
        عندي عندنا
        position positions holding holdings hold held portfolio stake مركز مراكز محفظه محفظت* صفقاتي صفقاتنا حيازه
        املك نملك ماسك ممسك محتفظ احتفظ مراكزي
    """,
    "forecast": """
        will predict* forecast* tomorrow reach moon next future crash pump سيصل سيرتفع سينخفض حيوصل هيوصل رح بكره بكرا
        غدا غد توقع* تتوقع مستقبل هيطلع هينزل حيطلع بيوصل راح يوصل سينهار
    """,
    "how": "how hows what whats شلون كيف ازاي شو ايش وش ايه شنو كم اش ما ماذا",
    "whether": """
        should shall would may worth good advisable recommend* advise هل ينفع انفع ينصح تنصح* تنصحني نصيح* افضل احسن
        مناسب وقت معقول اقدر ممكن يستاهل لازم
    """,
    "help": """
        ask morning evening استخدم* استعمل* الخير جزيلا
        help start hello hi hey salam thanks thank who أهلا اهلا مرحبا سلام السلام هلا مساعده ساعدني شكرا مين صباح
        مساء
    """,
    "filler": """
        ولا dip up down far anything انتظر استني دولار وين
        the a an i me my we our us you your it its this that these those now right currently moment at on in of for to
        from about by with and or so if then there here any some all please pls get go into out take put bot have has
        had been was were be am good bad time still yet again just let tell show give think know want need much many
        which one when where is are do does did money exactly im ive id lets s t m re ve ll d whats current latest
        last recent new first في من على عن الى متى امتى الي مع هذا هذه هذي هذاك ذلك تلك انا نحن احنا انت لي لنا لك
        عندك الان الحين هلق هلا دلوقتي توا هسه اي كل بعض او ثم اذا يا بوت لو سمحت فضلك رجاء اعطني اعطيني
        عطني هات اريد ابغى ابي بدي عايز عاوز حاب يمكن جدا فعلا كان كانت يكون تكون هو هي هم قد لقد اخر احدث جديد حالي
        حاليا عمله كوين سهم اللي الذي التي شي شيء فيه فيها منه منها عليه عليها بعد قبل اكثر اقل كمان برضو طيب بس عشان
        علشان لكي لان انه ان
    """,
}
"""What each concept is named by. A word of several concepts stands for all of them; 'filler' means nothing here."""

IMPERATIVES: Final = frozenset(
    str.split("""
    buy sell close open short long enter exit liquidate flatten cancel increase raise lower set disable enable
    stop pause resume transfer withdraw approve execute send double change turn switch move place submit halt kill
    reset confirm give grant deposit remove delete اشتر اشتري بع بيع افتح اغلق اقفل سكر ارفع زود غير عطل فعل شغل
    اوقف وقف حول اسحب وافق نفذ الغ الغي ضاعف ادخل اخرج صفي احذف امسح ارسل استانف كمل
    """)
)
"""What an order begins with, where no question is asked."""

POLITE: Final = frozenset(
    str.split("""
    please pls bot hey ok okay now just go ahead and kindly من فضلك لو سمحت رجاء يا بوت طيب
    """)
)
"""What may stand before it."""

WISHES: Final = ("i want you to", "you must", "you should now", "اريدك ان", "ابيك ت", "بدي ياك ت", "عايزك ت")
"""What an order that is dressed as a wish begins with."""

PHRASES: Final = {
    "take profit": "sell", "take profits": "sell", "cut losses": "exit", "cut my losses": "exit", "get out": "exit",
    "get in": "enter", "how come": "why", "what made": "why", "جني الربح": "بيع", "جني الارباح": "بيع",
}  # fmt: skip
"""Words that mean something together, and a word that means the same."""

ABOUT: Final = frozenset(str.split("about on of for in عن علي في"))
"""What may stand before the name of something that is asked about."""

OVERRIDES: Final = (
    "ignore previous", "ignore all", "ignore your", "disregard", "system prompt", "system:", "you are now",
    "new instructions", "developer mode", "jailbreak", "pretend", "act as", "override", "without confirmation",
    "skip the code", "bypass",
    "تجاهل", "تعليمات جديده", "انت الان", "تصرف ك", "بدون تاكيد", "من غير تاكيد", "بدون رمز",
)  # fmt: skip
"""Folded phrases by which somebody tries to give the advisor orders; it has none to take."""
