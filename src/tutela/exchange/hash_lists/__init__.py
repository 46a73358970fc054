"""Lists of hashes as files, in the formats that others use: read into `Listed`, written from it.

    listed    one entry, whatever its format                  vics    Project VIC's JSON, read; `vics_writer`
    icse      the CSV of Interpol's database                  stix    STIX 2.1, written; `stix_reader`, `stix_patterns`
    pairs     a type and a hash a line, for HMA               mapped  CSV and JSON Lines by a mapping file
    streams   JSON of any length, piece by piece

Promises: one bad entry costs no other; what a file says and we do not understand is named, never dropped unseen; what a
format cannot say is counted when it is written.
"""
