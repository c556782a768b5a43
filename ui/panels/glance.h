#ifndef UI_PANELS_GLANCE_H
#define UI_PANELS_GLANCE_H
/* The questions that an operator looks up for: am I earning, am I active, was
 * reward called, what is left of the round and of the deposit, does anything
 * need me. Off-chain, where there is no money, it says what work was done. The
 * most important line first, since a small box has room for few. Pure. */
#include "ui/canvas.h"
#include "ui/mirror.h"

void glance_draw(const struct mirror *m, struct canvas *c, struct rect r);
/* How far the round is, w columns, its lock zone hatched. */
void round_clock_draw(const struct view_chain *v, struct canvas *c, int x, int y, int w);
#endif
