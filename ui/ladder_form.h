#ifndef UI_LADDER_FORM_H
#define UI_LADDER_FORM_H
/* The ladder picker: a field for each rendition, presets on offer and one's own
 * in words, what each and all of them cost an hour beside them. Comes to a
 * set_ladder. Pure. */
#include "ui/form.h"

/* Begins with the node's own ladder. */
struct form *ladder_form(const struct view_pricing *v);
#endif
