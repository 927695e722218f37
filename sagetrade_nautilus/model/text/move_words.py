"""The words of a report that a price has moved, as alternatives for the event rules."""

from typing import Final

UP: Final = (
    "rise|rises|rose|rising|jump|jumps|jumped|surge|surges|surged|soar|soars|soared|rally|rallies|"
    "rallied|climb|climbs|"
    "climbed|spike|spikes|spiked|skyrocket|skyrockets|rebound|rebounds|rebounded|bounce|bounces|"
    "recover|recovers|recovered|"
    "pump|pumps|accelerate|accelerates|gain|gains|gained|outperform|outperforms|advance|advances|"
    "pops|explodes"
)
DOWN: Final = (
    "fall|falls|fell|falling|drop|drops|dropped|plunge|plunges|plunged|tumble|tumbles|tumbled|slump|"
    "slumps|slumped|sink|"
    "sinks|sank|slide|slides|slid|dip|dips|dipped|dive|dives|nosedive|nosedives|crash|crashes|"
    "crashed|tank|tanks|tanked|"
    "dump|dumps|dumped|decline|declines|declined|slip|slips|slipped|retreat|retreats|plummet|"
    "plummets|plummeted|shed|sheds|"
    "collapses|struggle|struggles|stumbles|bleeds|corrects|underperforms"
)
FLAT: Final = "consolidate|consolidates|fluctuate|fluctuates|stabilizes|stalls|hovers|steadies|swings|seesaws"
REACH: Final = "hits|hit|reaches|tests|retests|breaks|nears|tops|passes|crosses|reclaims|loses|regains|touches|holds"
ASSET: Final = "@coin|@ticker|stock|stocks|shares|altcoins|bitcoin price|crypto market|crypto prices|futures|market cap"
