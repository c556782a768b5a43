#ifndef UI_UNIT_H
#define UI_UNIT_H
/* Numbers as people read them: at most seven columns, the unit always there,
 * "-" for what is not known. All append to `out`. Pure. */
#include "src/base/str.h"

void unit_rate(struct str *out, int64_t bits_per_s);  /* 4.0 Mb/s */
void unit_bytes(struct str *out, int64_t bytes);      /* 1.5 MB */
void unit_count(struct str *out, int64_t n);	      /* 12.3k */
void unit_ms(struct str *out, int64_t ms);	      /* 240 ms, 2.1 s */
void unit_span(struct str *out, int64_t ms);	      /* 45s, 12m, 3h05, 2d04h */
void unit_ratio(struct str *out, double ratio);	      /* 0.45x */
void unit_fps(struct str *out, double fps);	      /* 30, 29.97 */
void unit_percent(struct str *out, double fraction);  /* 0.5 -> 50% */
void unit_eth(struct str *out, double eth);	      /* 0.0123 ETH, 47 gwei: for reading */
void unit_small(struct str *out, double v);	      /* 0.1, 12.3m, 4.7u: thousandths down */
void unit_clock(struct str *out, int64_t wall_ms);    /* 06:17:09, UTC */
#endif
