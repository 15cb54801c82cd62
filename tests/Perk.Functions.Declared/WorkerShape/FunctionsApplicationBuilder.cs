using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>
/// Where a worker's program starts. Shape of <c>src/DotNetWorker/Builder/FunctionsApplication.cs</c>, package
/// Microsoft.Azure.Functions.Worker 2.52.0 (commit e704163e).
/// </summary>
public class FunctionsApplication
{
    /// <summary>A builder with the defaults; <c>FunctionsApplication.cs</c> as above.</summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}

/// <summary>
/// A worker under construction. Shape of <c>src/DotNetWorker/Builder/FunctionsApplicationBuilder.cs</c>, package
/// Microsoft.Azure.Functions.Worker 2.52.0 (commit e704163e): a wrapper, here as there, over a
/// <see cref="HostApplicationBuilder"/>, so <see cref="Build"/> writes the same <c>HostBuilding</c> and <c>HostBuilt</c>
/// events to the diagnostic listener <c>Microsoft.Extensions.Hosting</c>.
/// </summary>
/// <remarks>
/// There it also is an <c>IFunctionsWorkerApplicationBuilder</c> (middleware), and adds the worker itself: a hosted service
/// that connects to the host process, its logger provider, and <c>--functions-*</c> command line switches. Here nothing is
/// connected and no function runs: the host that <see cref="Build"/> returns holds what the app's program registered.
/// </remarks>
public class FunctionsApplicationBuilder : IHostApplicationBuilder
{
    private readonly HostApplicationBuilder _builder;
    private bool _built;

    internal FunctionsApplicationBuilder(string[]? args)
    {
        // The sources of configuration and their order as there: AZURE_FUNCTIONS_ and DOTNET_ variables and the arguments
        // decide the environment's name; then appsettings files, every variable, the arguments again.
        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables("AZURE_FUNCTIONS_");
        _builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { Args = args, Configuration = configuration });

        // The host process writes the worker's log, so the console's provider is taken out, as there.
        var consoles = Services.Where(service => service.ServiceType == typeof(ILoggerProvider)
                                                 && service.ImplementationType == typeof(ConsoleLoggerProvider));
        foreach (var console in consoles.ToList())
            Services.Remove(console);
    }

    /// <summary><c>FunctionsApplicationBuilder.cs</c> as above.</summary>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_builder).Properties;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <summary><c>FunctionsApplicationBuilder.cs</c> as above.</summary>
    public ConfigurationManager Configuration => _builder.Configuration;

    /// <summary><c>FunctionsApplicationBuilder.cs</c> as above.</summary>
    public IHostEnvironment Environment => _builder.Environment;

    /// <summary><c>FunctionsApplicationBuilder.cs</c> as above.</summary>
    public ILoggingBuilder Logging => _builder.Logging;

    /// <summary><c>FunctionsApplicationBuilder.cs</c> as above.</summary>
    public IMetricsBuilder Metrics => _builder.Metrics;

    /// <summary><c>FunctionsApplicationBuilder.cs</c> as above.</summary>
    public IServiceCollection Services => _builder.Services;

    /// <summary>The host, once; <c>FunctionsApplicationBuilder.cs</c> as above.</summary>
    /// <exception cref="InvalidOperationException">It was built before.</exception>
    public IHost Build()
    {
        if (_built)
            throw new InvalidOperationException("The application has already been built.");
        _built = true;
        return _builder.Build();
    }

    /// <summary><c>FunctionsApplicationBuilder.cs</c> as above.</summary>
    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => _builder.ConfigureContainer(factory, configure);
}
