#ifndef UI_SETTING_FORM_H
#define UI_SETTING_FORM_H
/* Forms about flags: one flag with all that options.def knows of it, and the
 * config file with what would be written into it. Done, they are `set`, `unset`
 * or `save_config`. Pure. */
#include "src/model/view.h"
#include "ui/form.h"

/* Of a row that may be changed; NULL where this console does not know the flag. */
struct form *setting_form(const struct setting_row *r);
struct form *save_form(const struct view_settings *v);
#endif
