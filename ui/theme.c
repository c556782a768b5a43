#include "ui/theme.h"

#define B LOOK_BOLD
#define D LOOK_DIM
#define R LOOK_REVERSE
#define U LOOK_UNDERLINE

/* One row a style: mono attributes, 16 colours, 256 colours. */
static const struct {
	uint8_t mono;
	struct look c16, c256;
} looks[STYLE_COUNT] = {
	[STYLE_NORMAL] = {0, {-1, -1, 0}, {-1, -1, 0}},
	[STYLE_DIM] = {0, {-1, -1, D}, {245, -1, 0}},
	[STYLE_LABEL] = {0, {6, -1, 0}, {109, -1, 0}},
	[STYLE_VALUE] = {B, {-1, -1, B}, {-1, -1, B}},
	[STYLE_BAR] = {R, {7, 4, B}, {255, 24, B}},
	[STYLE_BAR_DIM] = {R, {7, 4, 0}, {152, 24, 0}},
	[STYLE_BAR_OK] = {R | B, {2, 4, B}, {120, 24, B}},
	[STYLE_BAR_WARN] = {R | B, {3, 4, B}, {221, 24, B}},
	[STYLE_BAR_FAIL] = {R | B, {7, 1, B}, {231, 160, B}},
	[STYLE_TAB] = {0, {-1, -1, 0}, {250, 236, 0}},
	[STYLE_TAB_HERE] = {R, {0, 6, 0}, {16, 80, B}},
	[STYLE_BORDER] = {0, {4, -1, 0}, {66, -1, 0}},
	[STYLE_TITLE] = {B, {6, -1, B}, {80, -1, B}},
	[STYLE_HEADER] = {U, {6, -1, U}, {152, 236, 0}},
	[STYLE_HEADER_SORT] = {U | B, {3, -1, U | B}, {221, 236, B}},
	[STYLE_SELECTED] = {R, {0, 6, 0}, {231, 31, B}},
	[STYLE_OK] = {0, {2, -1, 0}, {114, -1, 0}},
	[STYLE_WARN] = {B, {3, -1, B}, {221, -1, B}},
	[STYLE_FAIL] = {B, {1, -1, B}, {203, -1, B}},
	[STYLE_GRAPH] = {0, {2, -1, 0}, {79, -1, 0}},
	[STYLE_GRAPH_ALT] = {0, {5, -1, 0}, {141, -1, 0}},
	[STYLE_TRACK] = {0, {-1, -1, D}, {238, -1, 0}},
	[STYLE_KEY] = {R, {0, 6, 0}, {16, 109, 0}},
	[STYLE_KEY_TEXT] = {0, {-1, -1, 0}, {250, -1, 0}},
	[STYLE_INPUT] = {B, {-1, -1, B}, {-1, -1, B}},
	[STYLE_MATCH] = {U, {3, -1, U}, {221, -1, U}},
};

struct look theme_look(enum scheme scheme, enum style style)
{
	switch (scheme) {
	case SCHEME_MONO:
		return (struct look){-1, -1, looks[style].mono};
	case SCHEME_16:
		return looks[style].c16;
	case SCHEME_256:
		return looks[style].c256;
	}
	return looks[STYLE_NORMAL].c16;
}
