#ifndef UI_PANELS_DEVICE_BARS_H
#define UI_PANELS_DEVICE_BARS_H
/* How busy each device is, a line of bars for each: the machine, then its GPUs.
 * What a driver does not tell is "n/a". Pure. */
#include "ui/canvas.h"
#include "ui/mirror.h"

/* Lines that the box would like to have, its border included; 0: nothing to
 * show. */
int device_bars_height(const struct mirror *m);
void device_bars_draw(const struct mirror *m, struct canvas *c, struct rect r);
#endif
