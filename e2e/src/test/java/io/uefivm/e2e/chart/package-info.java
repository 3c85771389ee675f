/** What helm makes of the chart, and what an API server says to it. */
@NullMarked
package io.uefivm.e2e.chart;

import org.jspecify.annotations.NullMarked;
