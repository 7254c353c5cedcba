// Runs when a lab is there (`this` is a style element in it): its controls have names, and its keys are its own.
(function (style) {
  const lab = style.closest('.wh-lab');
  lab.addEventListener('focusin', event => {  // else arrows move Notebook 7's cells instead of sliders
    event.target.dataset.lmSuppressShortcuts = 'true';
  });

  function name() {  // sliders of ipywidgets 8 have no name for screen readers: it is that of their label
    lab.querySelectorAll('.noUi-handle, .widget-readout, select, input:not([type=checkbox])').forEach(each => {
      const label = each.closest('.widget-inline-hbox')?.querySelector('.widget-label')?.textContent.trim();
      if (label && !each.hasAttribute('aria-label')) each.setAttribute('aria-label', label);
    });
  }

  name();
  new MutationObserver(name).observe(lab, {childList: true, subtree: true});
})(this);
