/** Put in by scripts/build: version and commit, as `0.1.0+1a2b3c4`. Not there when a source file runs unbuilt (tests). */
declare const PORTER_BUILD: string | undefined;
