#ifndef UI_FIT_H
#define UI_FIT_H
/* How a text is made shorter where there is no room for it: an amount loses
 * digits behind the point before it loses its unit, which would make wei of
 * ether. Pure. */
#include "src/base/str.h"

/* Appends text with so many columns less (or one fewer), each amount that was cut with `mark`
 * (one column) where its last digits were: "0.0350… ETH". false, and nothing
 * appended: there are not so many digits. */
bool fit_amounts(struct str *out, const char *text, size_t less, const char *mark);
#endif
