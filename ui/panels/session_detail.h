#ifndef UI_PANELS_SESSION_DETAIL_H
#define UI_PANELS_SESSION_DETAIL_H
/* All that is known of one session, on one page. Pure. */
#include "ui/panel.h"

/* *scroll: lines of the list of segments to leave out; clamped. */
void session_detail_draw(const struct mirror *m, const struct session_row *s,
	struct canvas *c, struct rect r, int *scroll);
/* Who does the work: the orchestrator's address without its scheme, or the
 * transcoder's id; valid as long as the row. */
const char *session_via(const struct session_row *s);
/* Transcoding as fast as the video runs, or slower, is trouble. */
enum style session_ratio_style(double ratio);
#endif
