#ifndef UI_KEYS_H
#define UI_KEYS_H
/* Keys and what they mean (keys.def). A key is a Unicode character or one of
 * enum key; term.c makes them. Pure data. */
#include "src/base/str.h"

#define K_CTRL(letter) ((letter) & 0x1f)
#define ACTION_KEYS_MAX 4

enum key {
	K_NONE = 0,
	K_TAB = 9,
	K_ENTER = 13,
	K_ESCAPE = 27,
	K_BACKSPACE = 127,
	K_UP = 0x110000, /* above Unicode */
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_HOME,
	K_END,
	K_DELETE,
	K_BACK_TAB,
	K_F1,
	K_F2,
	K_F3,
};

/* The mouse among the keys: what it did, and on which cell. */
enum mouse { MOUSE_CLICK = 1, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };
#define K_MOUSE(what, x, y) (0x8000000 | (what) << 24 | (y) << 12 | (x)) /* 0 to 4095 */
enum mouse key_mouse(int key, int *x, int *y); /* 0: it is none of the mouse's */

enum context {
	CONTEXT_OVERVIEW,
	CONTEXT_ALARMS,
	CONTEXT_SESSIONS,
	CONTEXT_DETAIL,
	CONTEXT_TRANSCODERS,
	CONTEXT_LOG,
	CONTEXT_STAKING,
	CONTEXT_PRICING,
	CONTEXT_FUNDS,
	CONTEXT_TICKETS,
	CONTEXT_TXS,
	CONTEXT_DOCTOR,
	CONTEXT_SETTINGS,
	CONTEXT_MIGRATION,
	CONTEXT_PROMPT, /* what asks something hears all keys alone */
	CONTEXT_CONFIRM,
	CONTEXT_TYPED,
	CONTEXT_LEAVING,
	CONTEXT_PICKER,
	CONTEXT_FORM,
	CONTEXT_EDITING, /* of both */
	CONTEXT_LIST,	/* rooms with rows */
	CONTEXT_TABLE,	/* those with columns: all but the log */
	CONTEXT_MOVING, /* every room, but a chapter of its own in the help */
	CONTEXT_EVERYWHERE,
	CONTEXT_COUNT,
};

enum action {
#define ACTION(name, ...) ACTION_##name,
#include "ui/keys.def"
#undef ACTION
	ACTION_COUNT,
	ACTION_NONE = ACTION_COUNT,
};

struct action_def {
	enum action action;
	enum context context;
	const char *brief, *help;
	int keys[ACTION_KEYS_MAX];
};

const struct action_def *action_def(enum action a);
/* What the key does where the operator is; ACTION_NONE when nothing. */
enum action keys_find(enum context context, int key);
/* Whether the keys of `keys_of` work in `where`. */
bool context_has(enum context where, enum context keys_of);
const char *context_title(enum context c);
/* "Enter", "^L", "PgUp", "x" */
void key_text(int key, struct str *out);
/* The key called so ("Enter", "Up", "^L", one character), or K_NONE. */
int key_by_name(const char *name);
#endif
