using System.CommandLine;
using System.Globalization;
using Perk.Core.Documents;
using Perk.Core.Hosting;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Settings;
using Perk.Core.Storage;
using Perk.Core.Tensors;

namespace Perk.Cli.Commands;

/// <summary>The options that name a checkpoint and say how documents are encoded; the same for every command that needs them.</summary>
internal sealed class CheckpointFlags
{
    private static readonly MetaInitialisation Meta = new();
    private static readonly InnerLoopOptions Inner = new();

    private readonly Option<string?> _model = new("--model")
    {
        Description = "Base model, a Hugging Face folder (default: the setting Perk__Model, then the one that ships)",
        HelpName = "DIR",
    };

    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Trained meta-parameters, a checkpoint folder, or where there is a storage account the id of a pushed checkpoint; it says how documents are written (default: the setting Perk__Checkpoint, then those that ship with the model that ships, untrained ones for another)",
        HelpName = "DIR|ID",
    };

    private readonly Option<string?> _device = new("--device")
    {
        Description = $"auto, cpu or cuda (default: {ComputeDevice.Variable}, then auto)",
        HelpName = "DEVICE",
    };

    private readonly Option<int> _rank = StandardOption.Create("--rank", "LoRA rank", Meta.Lora.Rank);
    private readonly Option<double> _alpha = StandardOption.Create("--alpha", "LoRA alpha; the update is scaled by alpha / √rank", Meta.Lora.Alpha);

    private readonly Option<string[]> _targets = new("--target")
    {
        Description = "Projection that gets an update, such as q_proj; give it once for each (default: all)",
        HelpName = "NAME",
    };

    private readonly Option<int[]> _layers = new("--layer")
    {
        Description = "Layer that gets an update, from 0; give it once for each (default: all)",
        HelpName = "N",
        CustomParser = result =>
        {
            var layers = new List<int>();
            foreach (var token in result.Tokens)
            {
                if (int.TryParse(token.Value, CultureInfo.InvariantCulture, out var layer)) layers.Add(layer);
                else result.AddError($"--layer must be a whole number, not '{token.Value}'.");
            }

            return [.. layers];
        },
    };

    private readonly Option<int> _steps = StandardOption.Create("--steps", "Inner gradient steps", Inner.Steps);

    private readonly Option<double> _stepSize = StandardOption.Create(
        "--step-size", "Step size of every adapter tensor and step", Meta.StepSize);

    private readonly Option<long> _seed = StandardOption.Create("--seed", "Seed of the initial adapter", Meta.Seed);
    private readonly Option<InnerOptimizerKind> _optimizer = new("--optimizer")
    {
        Description = "Inner update rule",
        DefaultValueFactory = _ => Inner.Optimizer,
    };

    private readonly Option<LossNormalisation> _normalisation = new("--normalisation")
    {
        Description = $"Divide the loss by its tokens, or by a constant of {Inner.NormalisationConstant:0}",
        DefaultValueFactory = _ => Inner.Normalisation,
    };

    private readonly Option<int> _segmentTokens = StandardOption.Create(
        "--segment-tokens", "Longest segment, in tokens", new SegmenterOptions().MaxTokens);

    private readonly Option<SegmentUnit?> _segmentUnit = new("--segment-unit")
    {
        Description = "What a segment never goes beyond: Line for registers of one record a line (default: as the checkpoint says, else Packed)",
    };

    private readonly Option<ComputeType> _computeType = new("--dtype")
    {
        Description = "What the base model computes in; adapters are Float32",
        DefaultValueFactory = _ => ComputeType.Float32,
    };

    private readonly Option<int?> _maxMemory = new("--max-memory")
    {
        Description = "Make micro-batches smaller where this limit calls for it; the model's weights are not counted",
        HelpName = "MIB",
    };

    private readonly Option<int> _microBatch = StandardOption.Create(
        "--micro-batch", "Segments in one forward and backward pass: memory against speed", Inner.SegmentsPerMicroBatch);

    /// <summary>Adds all of them.</summary>
    /// <param name="command">The command.</param>
    /// <param name="seeded">Whether <c>--seed</c> is the initial adapter's; where the command has another one, that adapter has the standard seed.</param>
    /// <param name="segmentUnit">Whether there is <c>--segment-unit</c>; tasks say it themselves.</param>
    public void AddTo(Command command, bool seeded = true, bool segmentUnit = true)
    {
        AddModelAndDeviceTo(command);
        Option[] options = [.. Decided.Where(o => seeded || o != _seed), _segmentTokens, .. segmentUnit ? [_segmentUnit] : (Option[])[], _microBatch, _maxMemory, _computeType];
        foreach (var option in options) command.Add(option);
    }

    /// <summary>Adds only what it takes to load the checkpoint of a stored adapter.</summary>
    public void AddModelAndDeviceTo(Command command)
    {
        command.Add(_model);
        command.Add(_checkpoint);
        command.Add(_device);
    }

    /// <summary>Adds only what names a checkpoint: its files, or how untrained meta-parameters are made.</summary>
    public void AddSourceTo(Command command)
    {
        foreach (var option in (Option[])[_model, _checkpoint, _rank, _alpha, _targets, _layers, _steps, _stepSize, _seed]) command.Add(option);
    }

    /// <summary>The files.</summary>
    /// <exception cref="ArgumentException">The id of a checkpoint in the store is named, and no files.</exception>
    public CheckpointSource Source(ParseResult parsed)
    {
        if (Id(parsed) is { } id)
            throw new ArgumentException($"{id} is a checkpoint of the container models; this command works on files: fetch it with perk model pull {id[..12]} --out DIR.");
        return new CheckpointSource
        {
            ModelFolder = ModelFolder(parsed),
            Folder = Folder(parsed),
            Meta = new MetaInitialisation
            {
                Lora = new LoraOptions
                {
                    Rank = parsed.GetValue(_rank),
                    Alpha = parsed.GetValue(_alpha),
                    Targets = parsed.GetValue(_targets) is { Length: > 0 } targets ? targets : null,
                    Layers = parsed.GetValue(_layers) is { Length: > 0 } layers ? layers : null,
                },
                Steps = parsed.GetValue(_steps),
                StepSize = parsed.GetValue(_stepSize),
                Seed = parsed.GetValue(_seed),
            },
        };
    }

    /// <summary>The checkpoint for registers that ships beside the one for stories; null where there is none, or another model or checkpoint is named.</summary>
    public CheckpointSource? Registers(ParseResult parsed) =>
        Directory.Exists(ShippedModel.Registers) && Source(parsed) is { Folder: { } folder } source && folder == ShippedModel.Checkpoint
            ? source with { Folder = ShippedModel.Registers }
            : null;

    /// <summary>How documents are written: as the checkpoint says, or as the options do.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="byCheckpoint">Whether a checkpoint that is named decides; not where nothing is encoded.</param>
    /// <exception cref="ArgumentException">An option is out of range, or one that a checkpoint decides is given beside it.</exception>
    public EncodingOptions Encoding(ParseResult parsed, bool byCheckpoint = true) => Encoding(parsed, byCheckpoint ? Source(parsed).Settings() : null);

    /// <summary>How documents are written: as the settings of a checkpoint say, or as the options do where there are none.</summary>
    public EncodingOptions Encoding(ParseResult parsed, CheckpointSettings? settings)
    {
        RequireUndecided(parsed, settings);
        var inner = settings?.Inner ?? new InnerLoopOptions
        {
            Steps = parsed.GetValue(_steps),
            Optimizer = parsed.GetValue(_optimizer),
            Normalisation = parsed.GetValue(_normalisation),
        };
        var tokens = parsed.GetResult(_segmentTokens) is { Implicit: false } ? parsed.GetValue(_segmentTokens)
            : Set.SegmentTokens ?? settings?.SegmentTokens ?? parsed.GetValue(_segmentTokens);
        return new EncodingOptions
        {
            Segmenter = new SegmenterOptions { MaxTokens = tokens, Unit = parsed.GetValue(_segmentUnit) ?? Set.SegmentUnit ?? settings?.SegmentUnit ?? SegmentUnit.Packed },
            Inner = (inner with { SegmentsPerMicroBatch = parsed.GetValue(_microBatch) }).Validated(),
            ComputeType = Computes(parsed),
        };
    }

    /// <summary>Refuses an option that a trained checkpoint decides.</summary>
    /// <exception cref="ArgumentException">One is given beside it.</exception>
    public void RequireUndecided(ParseResult parsed, CheckpointSettings? settings)
    {
        if (settings is not null && Decided.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } given)
            throw new ArgumentException($"{given.Name} is decided by the checkpoint; leave it out, or {(NamedFolder(parsed) is null ? "name a model with --model, which is then used untrained" : "leave out --checkpoint")}.");
    }

    /// <summary>The folder of trained meta-parameters; null for untrained ones.</summary>
    public string? Folder(ParseResult parsed) => NamedFolder(parsed) ?? (NamedModel(parsed) is null ? ShippedModel.Checkpoint : null);

    /// <summary>The folder that <c>--checkpoint</c> names, or the setting where <c>--model</c> names no other base.</summary>
    public string? NamedFolder(ParseResult parsed) => parsed.GetValue(_checkpoint) ?? (parsed.GetValue(_model) is null ? Set.Checkpoint : null);

    private Option[] Decided => [_rank, _alpha, _targets, _layers, _steps, _stepSize, _seed, _optimizer, _normalisation];

    /// <summary>The same options with micro-batches that keep to <c>--max-memory</c>; the adapter is the same up to rounding.</summary>
    public EncodingOptions Fitted(ParseResult parsed, Checkpoint checkpoint, bool byCheckpoint = true) =>
        Encoding(parsed, byCheckpoint).Fitted(checkpoint, MaxMemory(parsed));

    /// <summary>The id of a checkpoint in the container <c>models</c>, where one is named in place of a folder.</summary>
    public string? Id(ParseResult parsed) => NamedFolder(parsed) is { } named && NameRules.CheckpointIdFault(named) is null && !Directory.Exists(named) ? named
        : parsed.GetValue(_checkpoint) is null && parsed.GetValue(_model) is null ? Set.CheckpointId : null;

    /// <summary>The same as a host serves it: loaded when it is first needed.</summary>
    public ServedModel Served(ParseResult parsed) => Served(parsed, Source(parsed), Encoding(parsed));

    /// <summary>The same, or one of the container <c>models</c>.</summary>
    /// <exception cref="ArgumentException">An option is given that the checkpoint decides.</exception>
    public Task<ServedModel> ServedAsync(ParseResult parsed, StorageAccount account, CancellationToken cancel)
    {
        if (Id(parsed) is not { } id) return Task.FromResult(Served(parsed));
        if (Decided.Prepend(_model).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } given)
            throw new ArgumentException($"{given.Name} is decided by checkpoint {id}; leave it out.");
        return ServedModel.FromShelfAsync(account.Objects, id, model => model.Settings is null ? Encoding(parsed, null).WithSteps(model.Steps) : Encoding(parsed, model.Settings), Device(parsed), MaxMemory(parsed), cancel);
    }

    /// <summary>A checkpoint as a host serves it, on the device and within the memory that the options say.</summary>
    public ServedModel Served(ParseResult parsed, CheckpointSource source, EncodingOptions encoding) =>
        ServedModel.From(source, encoding, Device(parsed), MaxMemory(parsed));

    private int? MaxMemory(ParseResult parsed) => parsed.GetValue(_maxMemory) ?? Set.MaxMemoryMiB;

    public string ModelFolder(ParseResult parsed) => NamedModel(parsed) ?? ShippedModel.Folder;

    private static ModelSettings Set => EnvironmentSettings.Read().Model;

    private string? NamedModel(ParseResult parsed) => parsed.GetValue(_model) ?? Set.Folder;

    private ComputeType Computes(ParseResult parsed) =>
        parsed.GetResult(_computeType) is { Implicit: false } ? parsed.GetValue(_computeType) : Set.ComputeType ?? parsed.GetValue(_computeType);

    /// <summary>The device's name, to be selected where torch is first used.</summary>
    public string? Device(ParseResult parsed) => parsed.GetValue(_device) ?? Set.Device;

    public Checkpoint Load(ParseResult parsed) => Source(parsed).Load(ComputeDevice.Select(Device(parsed)), Computes(parsed));
}
