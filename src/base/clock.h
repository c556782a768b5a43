#ifndef SRC_BASE_CLOCK_H
#define SRC_BASE_CLOCK_H
/* Reading the clocks. Code that decides by time takes the time as an
 * argument; only the edges (actors, sockets) call these. Any thread. */
#include <stdint.h>

int64_t clock_mono_us(void); /* never jumps; arbitrary zero */
int64_t clock_mono_ms(void);
int64_t clock_wall_ms(void); /* Unix time */
/* "2026-11-24T06:04:58.123Z" */
#define CLOCK_TEXT_SIZE 32
const char *clock_fmt(char buf[static CLOCK_TEXT_SIZE], int64_t wall_ms);
#endif
