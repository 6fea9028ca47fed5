// The console: what every face has, and Tabler's menus and folding navigation.
import "@tabler/core/dist/js/tabler.esm.js";
import "./light.js";
import "./finding.js";
