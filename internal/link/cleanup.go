package link

// CleanupReport is what the removal of orphans of one owner has come to.
type CleanupReport struct {
	Removed []Resource `json:"removed,omitempty"`
	// LetGo were there before Linkwright: they have lost the ownership tag, and stay.
	LetGo []Resource `json:"letGo,omitempty"`
	// Gone were not there any more, or did not carry the owner's tag, and were not touched.
	Gone []Resource `json:"gone,omitempty"`
	// Kept could not be removed.
	Kept []KeptOrphan `json:"kept,omitempty"`
}

// KeptOrphan is an orphan that could not be removed, and why.
type KeptOrphan struct {
	Resource
	Problem Problem `json:"problem"`
}
