#ifndef UI_PANELS_ALARMS_H
#define UI_PANELS_ALARMS_H
/* The list of alarms that Overview opens: those that hold or that nobody has
 * seen, behind them the past; each with its history and what to do. One owner. */
#include "ui/room.h"

void alarm_list_init(struct room *s);
void alarm_list_draw(struct room *s, const struct mirror *m, struct canvas *c,
	struct rect r);
/* INTENT_NONE: not its action. */
struct intent alarm_list_act(struct room *s, const struct mirror *m, enum action a);

/* How many of those that hold nobody has seen. */
size_t alarms_unseen(const struct view_node *n);
bool alarms_hold(const struct view_node *n); /* any of them, seen or not */
bool alarm_is_over(const struct alarm_row *a);
/* "FAIL", "WARN", and "seen" for what was acknowledged. */
const char *alarm_word(const struct alarm_row *a);
enum style alarm_style(const struct alarm_row *a);
#endif
