# SPDX-License-Identifier: GPL-3.0-or-later
# What the studies of fluids have in common: from cells to weighted dynamics by PBE, VMC and DMC, by Delta-learning.
# One rule per stage; what is there and up to date is not made again, so an interrupted run resumes.
# Of the study that includes it:
#     STATES     temperature (K) - density or r_s, which must be as
#     fluid      says it to cell-build:  fluid = --density $(1)g/cm3
#     electrons  options for the electrons of PBE at the temperature $(1)
#     METHODS    of pbe vmc dmc half1 half2 (VMC by models of either half of the labels)
#     RUNS       those with dynamics of their own, pbe and vmc at least; the others are had from that of VMC
#     MD         dynamics, its thermostat and its time step
# Their files: start, rough, sample, pick, pbe, surrogate of the rounds; qmc, trial, vmc, force, unbiased, labels of Monte Carlo;
# run, exact, md of the states.
all:
ATOMS        ?= 32
# rounds of PBE for the surrogates, the first of them on dynamics of PBE, the others on that of VMC, which goes where PBE does
# not; of what these do from the third on, one of so many frames
ROUNDS       ?= 6
PBE_ROUNDS   ?= 4
FRAMES       ?= 24
EVERY        ?= 2
# In small cells forces come from further away than the descriptor sees: noise, to the surrogate's fit.
NOISE        ?= --energy-noise 10meV --force-noise 0.3eV/A
# labels of VMC: 1, the most different configurations; 2, what a first model of them does not know
LABELS       ?= 1 2
# a folder whose labels.xyz.gz and labels-dmc.xyz.gz (of the Hugoniot initial.xyz.gz, too) are taken instead, of another run or a
# smaller cell
LABELS_FROM  ?=
VMC_FRAMES   ?= 40
DMC_FRAMES   ?= 24
# settings of the models of VMC - PBE beside kernel-fit's own, and of DMC - VMC: the likelihood of few energies hardly tells
# a constant from this, which tells energies left out better (../hugoniot/README.md)
DELTA        ?=
DMC_DELTA    ?= --amplitude 0.1eV
UNCERTAIN    ?= 0.01mHa
UNKNOWN      ?= 1
STEPS        ?= 90000
# So many configurations of the dynamics get PBE itself, which gives them their weights; CONTROLS times as many tell what these few
# have by chance. Its settings, of the surrogates' too: within 1 meV an atom of converged ones.
SAMPLES      ?= 150
CONTROLS     ?= 6
EXACT        ?= --ecut 20Ha --tolerance 1e-6Ha
ECUT         ?= 30Ha
# k points of PBE that moves atoms; twists of QMC and of the PBE that it is compared with
MESH         ?= $(KMESH)
KMESH        ?= 2x2x2
# functional whose orbitals make the trial function
ORBITALS     ?= lda
OPT_FRAMES   ?= 8
OPT_STEPS    ?= 12
OPT_ERROR    ?= 1mHa
# then of a factor for each configuration: one for all is too high, more at low densities (../hugoniot/README.md)
OWN_STEPS    ?= 5
GAP          ?= 0.03Ha
VMC_ERROR    ?= 0.15mHa
FORCE_ERROR  ?= 6mHa/bohr
DMC_ERROR    ?= 0.5mHa
# over all twists; their number is fixed, so few of them are unbiased too
DMC_WALKERS  ?= 64
TIMESTEPS    ?= 0.04
HELD_OUT     ?= 0.2
CHAINS        = $(foreach s,trial vmc force unbiased,$(LABELS:%=$(OUT)/$s-%.xyz.gz))
include $(dir $(lastword $(MAKEFILE_LIST)))study.mk

# what all the rest waits for; and what moves the atoms
DFT          := dft-baseline -q -j $(THREADS) --ecut $(ECUT) --functional
PBE          := $(DFT) pbe
exactly      := dft-baseline -q --functional pbe $(EXACT) --kmesh $(MESH) --on-error skip
# QMC fills the lowest orbitals of every k point, and so does the PBE that Delta is taken from: what a small cell's shells
# do to both cancels.
COLD         := --kmesh $(KMESH) --electron-temperature 0K
word-of       = $(word $(1),$(subst -, ,$*))
temperatures := $(sort $(foreach s,$(STATES),$(firstword $(subst -, ,$(s)))))
# A round of PBE is one program a temperature; with fewer of them than JOBS, each has so many threads.
share        := $(if $(SLURM)$(RUN),1,$(shell n=$$(($(JOBS) / $(words $(temperatures)))); echo $$((n > 1 ? n : 1))))
densities    := $(sort $(foreach s,$(STATES),$(lastword $(subst -, ,$(s)))))
rounds       := $(wordlist 1,$(ROUNDS),1 2 3 4 5 6 7 8 9)
before        = $(word $(call word-of,1),0 $(rounds))
# the states at temperature 1 in files 2; the PBE of rounds up to 1 at temperature 2
at            = $(patsubst %,$(OUT)/$(2)-%.xyz.gz,$(filter $(1)-%,$(STATES)))
labels        = $(foreach r,$(wordlist 1,$(1),$(rounds)),$(OUT)/pbe-$r-$(2).xyz.gz)
# files 1 of all rounds and of all states or temperatures 2: these rules follow on themselves, which make must be told
of            = $(foreach r,$(rounds),$(addprefix $(OUT)/$(1)-$r-,$(2)))
# what moves the atoms: the surrogate, and what it lacks of VMC; the models that a method adds to PBE itself
delta-vmc    := $(addprefix $(OUT)/,delta.model.gz size.model.gz)
delta-dmc    := $(addprefix $(OUT)/,delta.model.gz size.model.gz dmc.model.gz)
delta-half1  := $(addprefix $(OUT)/,half1.model.gz size.model.gz)
delta-half2  := $(addprefix $(OUT)/,half2.model.gz size.model.gz)
labelled     := $(or $(LABELS_FROM),$(OUT))
late         := $(filter-out $(wordlist 1,$(PBE_ROUNDS),$(rounds)),$(rounds))
also          = $(if $(filter $(late),$(call word-of,1)),$(delta-vmc))
driven        = $(OUT)/surrogate-$(ROUNDS)-$(call word-of,2).model.gz $(delta-$(call word-of,1))
dynamics-of   = $(OUT)/$1-$(or $(filter $(RUNS),$(call word-of,1)),vmc)-$(call word-of,2)-$(call word-of,3).xyz.gz
by            = $(foreach m,$2,$(STATES:%=$(OUT)/$1-$m-%.xyz.gz))
model         = $(patsubst %,--model %,$(filter %.model.gz,$1))

$(OUT):
	@mkdir -p $@

# 1. Disordered cells at every density, atomic and molecular, and a rough model of their PBE at one k point.
$(OUT)/start-%.xyz.gz: | $(OUT)
	$(call say,fluids of $(ATOMS) atoms at $*)
	@{ cell-build --fluid molecular --atoms $(ATOMS) $(call fluid,$*) --count 3; \
	   cell-build --fluid atomic --atoms $(ATOMS) $(call fluid,$*) --count 3; } | xyz-view --compress always -o $@

$(OUT)/rough.xyz.gz: $(densities:%=$(OUT)/start-%.xyz.gz)
	$(call say,PBE of the fluids)
	@$(PBE) $(call electrons,10000) $^ -o $@

$(OUT)/rough.model.gz: $(OUT)/rough.xyz.gz
	@$(RUN) kernel-fit -q -j 1 --target dft --sparse 300 $< -o $@

# 2. At each temperature, round by round: dynamics on what there is, the PBE of some of it with electrons at that
#    temperature, a better surrogate. What a surrogate takes for lower than it is, its own dynamics seeks out.
# stem of what belongs to a round: round-temperature or round-temperature-density
$(OUT)/sample-1-%.xyz.gz: $(OUT)/rough.model.gz $$(OUT)/start-$$(call word-of,2).xyz.gz
	$(call say,round 1 of sampling: $*)
	@xyz-view --frames 0 $(lastword $^) | \
	$(MD) --model $< --temperature $(call word-of,1)K --equilibrate 500 --steps 1500 --every 50 -o $@

$(filter-out $(OUT)/sample-1-%,$(call of,sample,$(STATES:%=%.xyz.gz))): \
$(OUT)/sample-%.xyz.gz: $$(OUT)/surrogate-$$(before)-$$(call word-of,2).model.gz $$(also) \
                        $$(OUT)/sample-$$(before)-$$(call word-of,2)-$$(call word-of,3).xyz.gz
	$(call say,round $(call word-of,1) of sampling: $(call word-of,2)-$(call word-of,3))
	@xyz-view --frames -1 $(lastword $^) | \
	$(MD) --mixed-settings $(call model,$^) --temperature $(call word-of,2)K --equilibrate 1000 --steps 4000 --every 100 -o $@

# the most different ones first, that nothing is unheard of; then as many of each kind as there are
$(call of,pick,$(temperatures:%=%.xyz.gz)): $(OUT)/pick-%.xyz.gz: $$(call at,$$(call word-of,2),sample-$$(call word-of,1))
	$(call say,configurations of round $(call word-of,1) at $(call word-of,2) K)
	@$(if $(filter 1 2,$(call word-of,1)),soap-describe -q -j 1 --select $(FRAMES) $^,\
	    xyz-view --compress always --frames ::$(EVERY) $^) -o $@

$(call of,pbe,$(temperatures:%=%.xyz.gz)): $(OUT)/pbe-%.xyz.gz: $(OUT)/pick-%.xyz.gz
	$(call say,PBE of round $(call word-of,1) at $(call word-of,2) K)
	@# what does not become self-consistent (status 1) is passed over, with a message
	@$(RUN) $(exactly) -j $(share) $(call electrons,$(call word-of,2)) $< -o $@ || [ $$? -eq 1 ]

$(call of,surrogate,$(temperatures:%=%.model.gz)): $(OUT)/surrogate-%.model.gz: $$(call labels,$$(call word-of,1),$$(call word-of,2))
	$(call say,surrogate of PBE at $(call word-of,2) K: round $(call word-of,1))
	@$(RUN) kernel-fit -q -j 1 --target dft --sparse 1000 $(NOISE) $^ -o $@

# 3. What cold PBE lacks: VMC energies, unbiased forces and stresses, DMC energies of some, of the most different
#    configurations. One Jastrow factor for all of them is where that of each begins.
$(OUT)/qmc-1.xyz.gz: $(foreach r,$(wordlist 1,2,$(rounds)),$(temperatures:%=$(OUT)/pick-$r-%.xyz.gz))
	@soap-describe -q -j 1 --select $(VMC_FRAMES) $^ -o $@

$(OUT)/trial-%.xyz.gz: $(OUT)/qmc-%.xyz.gz
	$(call say,trial orbitals of round $*)
	@# a configuration without a closed shell (status 1) is passed over, with a message
	@$(RUN) $(DFT) $(ORBITALS) $(COLD) --orbitals h-tz --on-error skip $< -o $@ || [ $$? -eq 1 ]

# of the most different configurations: that of all forty was worse (../hugoniot/README.md)
$(OUT)/jastrow.xyz.gz: $(OUT)/trial-1.xyz.gz
	$(call say,one Jastrow factor for all)
	@soap-describe -q -j 1 --select $(OPT_FRAMES) $< | \
	$(RUN) qmc-sample -q -j $(THREADS) --optimize-shared --jastrow-charges on --optimize-steps $(OPT_STEPS) --error $(OPT_ERROR) -o $@

$(OUT)/vmc-%.xyz.gz: $(OUT)/trial-%.xyz.gz $(OUT)/jastrow.xyz.gz
	$(call say,VMC energies of round $*)
	@$(RUN) qmc-sample -q -j $(THREADS) $(call own,$(lastword $^),$(OWN_STEPS)) --error $(VMC_ERROR) --checkpoint $@.checkpoint $< -o $@
	@rm -f $@.checkpoint $@.part

$(OUT)/force-%.xyz.gz: $(OUT)/vmc-%.xyz.gz
	$(call say,VMC forces and stresses of round $*)
	@$(RUN) qmc-force -q -j $(THREADS) --response --error $(FORCE_ERROR) --checkpoint $@.checkpoint $< -o $@
	@rm -f $@.checkpoint $@.part

$(OUT)/unbiased-%.xyz.gz: $(OUT)/force-%.xyz.gz
	$(call say,what comes of the orbitals following the nuclei)
	@$(RUN) $(DFT) $(ORBITALS) $(COLD) --response --response-gap $(GAP) --on-error skip $< -o $@ || [ $$? -eq 1 ]

# the PBE that VMC is compared with
$(OUT)/labels-%.xyz.gz: $(OUT)/unbiased-%.xyz.gz
	$(call say,cold PBE of round $*)
	@$(RUN) $(PBE) $(COLD) --on-error skip $< -o $@ || [ $$? -eq 1 ]

$(OUT)/labels.xyz.gz: $(LABELS:%=$(OUT)/labels-%.xyz.gz)
	@xyz-view --drop 'velo,forces,stress,energy*,orbital*,kpoints' $^ -o $@

# DMC - VMC is small and smooth: fewer configurations tell it.
$(OUT)/pick-dmc.xyz.gz: $(OUT)/vmc-1.xyz.gz
	@soap-describe -q -j 1 --select $(DMC_FRAMES) $< -o $@

$(OUT)/labels-dmc.xyz.gz: $(OUT)/pick-dmc.xyz.gz
	$(call say,DMC energies)
	@$(RUN) qmc-sample -q -j $(THREADS) --method dmc --walkers $(DMC_WALKERS) --dmc-timesteps $(TIMESTEPS) --error $(DMC_ERROR) --checkpoint $@.checkpoint $< -o $@
	@rm -f $@.checkpoint $@.part

# 4. The models of VMC - PBE: a first one drives dynamics that ask for what it does not know; that is labelled too.
$(OUT)/early-delta.model.gz: $(OUT)/labels-1.xyz.gz
	@$(RUN) kernel-fit -q -j 1 --target vmc --baseline dft --sparse 300 $(DELTA) $< -o $@

$(OUT)/unknown-%.xyz.gz: $$(OUT)/surrogate-$(PBE_ROUNDS)-$$(call word-of,1).model.gz $(OUT)/early-delta.model.gz \
                         $(OUT)/sample-$(PBE_ROUNDS)-%.xyz.gz
	$(call say,what the Delta model does not know at $*)
	@xyz-view --frames -1 $(lastword $^) | \
	$(MD) --mixed-settings --model $< --model $(word 2,$^) --temperature $(call word-of,1)K --equilibrate 500 --steps 3000 \
	    --every 50 --select-uncertain $(UNCERTAIN) --select-count $(UNKNOWN) -o $@

$(OUT)/qmc-2.xyz.gz: $(STATES:%=$(OUT)/unknown-%.xyz.gz)
	@xyz-view --compress always $^ -o $@

$(OUT)/delta.model.gz: $(labelled)/labels.xyz.gz | $(OUT)
	$(call say,the Delta model: VMC - PBE)
	@$(RUN) kernel-fit -j 1 --target vmc --baseline dft --sparse 500 $(DELTA) $< -o $@

# what the smallness of the cell takes from the energies, and from the pressures: electrons correlate no further
$(OUT)/size.model.gz: $(labelled)/labels.xyz.gz | $(OUT)
	$(call say,the finite-size correction)
	@$(RUN) kernel-fit -j 1 --target qmc_finite_size --sparse 200 $< -o $@

$(OUT)/dmc.model.gz: $(labelled)/labels-dmc.xyz.gz | $(OUT)
	$(call say,what VMC lacks: DMC - VMC)
	@$(RUN) kernel-fit -j 1 --target dmc --baseline vmc --sparse 100 $(DMC_DELTA) $< -o $@

# Halves of the labels, for the error of the fit; and the errors on frames left out.
$(OUT)/half1.model.gz $(OUT)/half2.model.gz: $(labelled)/labels.xyz.gz | $(OUT)
	@xyz-view --frames $(if $(findstring half1,$@),0,1)::2 $< | \
	$(RUN) kernel-fit -q -j 1 --target vmc --baseline dft --sparse 300 $(DELTA) -o $@

$(OUT)/validation.tsv: $(labelled)/labels.xyz.gz | $(OUT)
	$(call say,the Delta model on frames left out)
	@$(RUN) kernel-fit -j 1 --target vmc --baseline dft --sparse 400 $(DELTA) --validation-fraction $(HELD_OUT) --report $@ $< -o $@.model
	@rm -f $@.model

# 5. Dynamics on the surrogates; then PBE itself of some of it. Its Boltzmann factor over that of the dynamics weights them: what
#    the surrogates miss is gone, and what differs from VMC by little needs no dynamics of its own.
$(call by,run,$(RUNS)): $(OUT)/run-%.xyz.gz: $$(driven) $$(OUT)/sample-$(ROUNDS)-$$(call word-of,2)-$$(call word-of,3).xyz.gz
	$(call say,dynamics by $(call word-of,1) at $(call word-of,2)-$(call word-of,3))
	@# what cold PBE lacks is added to PBE with electrons at this temperature: on purpose
	@xyz-view --frames -1 $(lastword $^) | \
	$(MD) --mixed-settings $(call model,$^) --temperature $(call word-of,2)K --equilibrate 1000 --steps $(STEPS) \
	    --every $$(($(STEPS) / $(SAMPLES) / $(CONTROLS))) --checkpoint $@.checkpoint -o $(part)
	@mv $(part) $@ && rm -f $@.checkpoint

# what the dynamics itself says, under another name
sampled      := xyz-view --drop velo,forces --rename energy=sampled_energy,stress=sampled_stress
$(call by,exact,$(RUNS)): $(OUT)/exact-%.xyz.gz: $(OUT)/run-%.xyz.gz
	$(call say,PBE of the dynamics by $(call word-of,1) at $(call word-of,2)-$(call word-of,3))
	@$(sampled) --frames ::$(CONTROLS) --compress never $< | \
	$(RUN) $(exactly) -j 1 $(call electrons,$(call word-of,2)) -o $@ || [ $$? -eq 1 ]

$(call by,md,$(METHODS)): $(OUT)/md-%.xyz.gz: $$(call dynamics-of,exact) $$(call dynamics-of,run) $$(delta-$$(call word-of,1))
	@{ kernel-predict -q -j 1 --uncertainty no --compress never --baseline-label dft $(call model,$^) $<; \
	   $(sampled) --compress never $(word 2,$^); } | xyz-view --compress always -o $@

# What the last surrogate misses on its own dynamics, and how many configurations the weights leave
$(OUT)/surrogate.tsv: $(call by,md,$(RUNS))
	@{ printf 'method\ttemperature_K\tdensity\tframes\tbias_meV_per_atom\trmse_meV_per_atom\teffective\n'; for s in $(^F:md-%.xyz.gz=%); do \
	    xyz-view --where energy --table energy,sampled_energy $(OUT)/md-$$s.xyz.gz | awk -v s=$$s -v atoms=$(ATOMS) -v OFS='\t' 'NR > 1 { \
	        d[++n] = $$1 - $$2; sum += d[n]; square += d[n] ^ 2 } END { split(s, part, "-"); mean = sum / n; for (i in d) { \
	        w = exp((mean - d[i]) / 8.617333e-5 / part[2]); weight += w; weights += w * w } print part[1], part[2], part[3], n, \
	        1000 * mean / atoms, 1000 * sqrt(square / n) / atoms, weight ^ 2 / weights }'; done; } >$@.tmp && mv $@.tmp $@
