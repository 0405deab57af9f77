"""ISO 4217 currency codes and their minor units."""

from collections.abc import Mapping
from types import MappingProxyType

# List one of the standard as of amendment 180; precious metals, XDR, XSU, XUA, XTS and XXX have no
# minor unit and can therefore not carry an amount.
_ACTIVE: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

# Withdrawn since 2020. Years of history are read through the same contract, and these are in it.
_WITHDRAWN: dict[int, str] = {2: "ANG BGN CUC HRK SLL ZWL"}

MINOR_UNITS: Mapping[str, int] = MappingProxyType(
    {
        code: exponent
        for table in (_ACTIVE, _WITHDRAWN)
        for exponent, codes in table.items()
        for code in codes.split()
    }
)
"""Currency code -> exponent e of its minor unit: 1 major unit is 10**e minor units."""

CURRENCIES: frozenset[str] = frozenset(MINOR_UNITS)
"""Every currency code an event may carry."""
