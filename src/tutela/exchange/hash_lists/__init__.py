"""Lists of hashes as files, in the formats of others: read into `Listed`, written from it.

    listed    one entry, whatever its format                  vics    Project VIC's JSON, read; `vics_writer`
    icse      the CSV of Interpol's database                  stix    STIX 2.1, written; `stix_reader`, `stix_patterns`
    pairs     a type and a hash a line, for HMA               mapped  CSV and JSON Lines by a mapping file
    streams   JSON of any length, piece by piece

Promises:
- One bad entry never affects another.
- Content of a file that is not understood is named, never dropped silently.
- Content that a format cannot express is counted when it is written.
"""
